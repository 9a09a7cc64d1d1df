#include "cli/output/report_page.h"

#include <unistd.h>

#include "cli/output/page_template.h"
#include "cli/output/terminal.h"
#include "cli/output_file.h"
#include "pixmill/core/error.h"
#include "pixmill/core/text.h"

// Made by cmake/ReportPages.cmake. The chart library and its licence are empty where they were not there at build time.
#define PIXMILL_BUILT_IN(name)                 \
  extern "C" const char pixmill_page_##name[]; \
  extern "C" const char pixmill_page_##name##_end[];
PIXMILL_BUILT_IN(html)
PIXMILL_BUILT_IN(css)
PIXMILL_BUILT_IN(helpers)
PIXMILL_BUILT_IN(charts)
PIXMILL_BUILT_IN(licence)

namespace pixmill::cli {
std::string page_text(std::string_view text) {
  return html_escaped(printable(text));
}

std::string html_of(const ReportPage& page) {
  const auto built_in = [](const char* begin, const char* end) { return std::string(begin, end); };
  std::string sentences, facts, tables;
  for (const std::string& sentence : page.sentences) sentences += "<li>" + page_text(sentence) + "</li>\n";
  for (const auto& [term, html] : page.facts) facts += "<dt>" + term + "</dt><dd>" + html + "</dd>\n";
  for (const Table& table : page.tables) tables += "<section>" + html_of(table) + "</section>\n";
  const std::string licence = built_in(pixmill_page_licence, pixmill_page_licence_end);
  return filled(
      built_in(pixmill_page_html, pixmill_page_html_end),
      {{"command", page.command},
       {"title", page_text(page.title)},
       {"style", built_in(pixmill_page_css, pixmill_page_css_end)},
       {"heading", page_text(page.heading)},
       {"verdict", sentences},
       {"facts", facts},
       {"tables", tables},
       {"version", PIXMILL_VERSION},
       {"licence",
        licence.empty() ? "" : "<details><summary>Charts</summary><pre>" + page_text(licence) + "</pre></details>"},
       {"data", for_script(page.data)},
       {"charts", built_in(pixmill_page_charts, pixmill_page_charts_end)},
       {"helpers", built_in(pixmill_page_helpers, pixmill_page_helpers_end)},
       {"script", std::string(page.script)}});
}

void check_page_report(const std::filesystem::path& file, bool overwrite) {
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

}  // namespace pixmill::cli
