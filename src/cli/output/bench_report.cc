#include "cli/output/bench_report.h"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "cli/output/bench_page.h"
#include "cli/output/bench_tables.h"
#include "cli/output/machine_text.h"
#include "cli/output/terminal.h"
#include "cli/output_file.h"
#include "pixmill/config/values.h"
#include "pixmill/core/text.h"

namespace pixmill::cli {
namespace {

std::string escaped(std::string_view text) {
  return html_escaped(printable(text));
}

// JSON in a script element: no "<" may stand there, and none does outside of strings.
std::string for_script(std::string json) {
  for (std::size_t at = 0; (at = json.find('<', at)) != std::string::npos; at += 6) json.replace(at, 1, "\\u003c");
  return json;
}

double number_in(const std::string& cell) {
  return config::parse_real(cell).value_or(0.0);
}

std::string cell_html(const std::string& text, const char* tag, bool numeric, int percent) {
  std::string html = std::string("<") + tag + (numeric ? " class=\"n\"" : "");
  if (percent >= 0) html += " style=\"--length:" + std::to_string(percent) + "%\"";
  return html + ">" + escaped(text) + "</" + tag + ">";
}

std::string html_of(const Table& table) {
  double longest = 0.0;
  for (const auto& row : table.rows) longest = std::max(longest, number_in(row[static_cast<std::size_t>(table.bars)]));
  std::string html = "<h2>" + escaped(table.title) + "</h2>\n";
  if (!table.note.empty()) html += "<p class=\"note\">" + escaped(table.note) + "</p>\n";
  if (table.rows.empty()) return html;
  html += "<div class=\"scroll\"><table>\n<thead><tr>";
  for (std::size_t i = 0; i < table.head.size(); ++i)
    html += cell_html(table.head[i], "th", i > 0 && table.head[i] != "reason", -1);
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool bar = table.bars > 0 && i == static_cast<std::size_t>(table.bars) && longest > 0;
      html += cell_html(row[i], i == 0 ? "th" : "td", i > 0 && table.head[i] != "reason",
                        bar ? static_cast<int>(100 * number_in(row[i]) / longest + 0.5) : -1);
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string facts(const measure::Bench& bench) {
  std::string html;
  const auto fact = [&](const char* term, const std::string& text) {
    html += std::string("<dt>") + term + "</dt><dd>" + text + "</dd>\n";
  };
  fact("Command", "<code>" + escaped(bench.command) + "</code>");
  fact("Machine", escaped(text_of(bench.machine)));
  fact("Date", escaped(bench.date));
  return html;
}

// The places of the template, {{like_this}}; what is put in is not looked at again.
std::string filled(std::string_view page, const std::map<std::string, std::string>& parts) {
  std::string text;
  while (true) {
    const std::size_t open = page.find("{{");
    text += page.substr(0, open);
    if (open == std::string_view::npos) return text;
    const std::size_t close = page.find("}}", open);
    text += parts.at(std::string(page.substr(open + 2, close - open - 2)));
    page.remove_prefix(close + 2);
  }
}

}  // namespace

void check_bench_report(const std::filesystem::path& file, bool overwrite) {
  const std::string ending = file.extension().string();
  if (ending != ".json" && ending != ".csv" && ending != ".html" && ending != ".htm") {
    throw Error(ErrorCode::usage, "--report: " + file.string() + " has an unknown ending",
                "name it .html, .json or .csv");
  }
  check_output_file("--report", file, overwrite);
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  if (std::filesystem::exists(folder) && ::access(folder.c_str(), W_OK) != 0)
    throw Error(ErrorCode::unwritable, "--report: nothing can be written in " + folder.string(),
                "choose another place");
}

void write_bench_report(const measure::Bench& bench, const std::filesystem::path& file, bool overwrite) {
  const std::string ending = file.extension().string();
  write_output_file("--report", file,
                    ending == ".json"  ? measure::bench_json(bench) + "\n"
                    : ending == ".csv" ? measure::bench_csv(bench)
                                       : bench_html(bench),
                    overwrite);
}

std::string bench_html(const measure::Bench& bench) {
  const BenchPage page = bench_page();
  std::string sentences, all_tables;
  for (const std::string& sentence : verdict(bench)) sentences += "<li>" + escaped(sentence) + "</li>\n";
  for (const Table& table : tables(bench)) all_tables += "<section>" + html_of(table) + "</section>\n";
  all_tables += "<section>" + html_of(runs_table(bench)) + "</section>\n";
  const std::string licence =
      page.licence.empty() ? ""
                           : "<details><summary>Charts</summary><pre>" + escaped(page.licence) + "</pre></details>";
  return filled(page.html, {{"title", escaped(bench.job)},
                            {"style", std::string(page.css)},
                            {"heading", escaped(heading(bench))},
                            {"verdict", sentences},
                            {"facts", facts(bench)},
                            {"tables", all_tables},
                            {"version", escaped(bench.machine.pixmill_version)},
                            {"licence", licence},
                            {"data", for_script(measure::bench_json(bench))},
                            {"charts", std::string(page.charts)},
                            {"script", std::string(page.script)}});
}

}  // namespace pixmill::cli
