#include "cli/output/table.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/config/values.h"
#include "pixmill/core/text.h"

namespace pixmill::cli {
namespace {

bool is_number(const std::string& text) {
  return text.find_first_of("0123456789-") == 0 || text.starts_with('+');
}

double number_in(const std::string& cell) {
  return config::parse_real(cell).value_or(0.0);
}

// Of the column with bars.
double longest_of(const Table& table) {
  double longest = 0.0;
  if (table.bars == 0) return longest;
  for (const auto& row : table.rows) longest = std::max(longest, number_in(row[static_cast<std::size_t>(table.bars)]));
  return longest;
}

// In eighths of a column; what is not 0 is seen.
std::string bar_text(double share, int columns) {
  static constexpr std::array<const char*, 8> kParts = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = share > 0 ? std::max(1, static_cast<int>(std::lround(share * columns * 8))) : 0;
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) bar += "█";
  return bar + kParts[static_cast<std::size_t>(eighths % 8)];
}

std::string cell_html(const std::string& text, const char* tag, bool numeric, int percent) {
  std::string html = std::string("<") + tag + (numeric ? " class=\"n\"" : "");
  if (percent >= 0) html += " style=\"--length:" + std::to_string(percent) + "%\"";
  return html + ">" + html_escaped(printable(text)) + "</" + tag + ">";
}

}  // namespace

std::string aligned(const Table& table, int bar_columns) {
  if (table.rows.empty()) return table.title + "\n  " + printable(table.note) + "\n";
  std::vector<std::vector<std::string>> lines = {table.head};
  lines.insert(lines.end(), table.rows.begin(), table.rows.end());
  std::vector<int> widths(table.head.size(), 0);
  for (auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      line[i] = printable(line[i]);
      widths[i] = std::max(widths[i], columns_of(line[i]));
    }
  }
  const double longest = bar_columns > 0 ? longest_of(table) : 0.0;
  std::string text = table.title + "\n";
  for (const auto& line : lines) {
    text += "  ";
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string padding(static_cast<std::size_t>(widths[i] - columns_of(line[i])), ' ');
      const bool right = i > 0 && is_number(table.rows.front()[i]);
      text += right ? padding + line[i] : i + 1 < line.size() || longest > 0 ? line[i] + padding : line[i];
      if (i + 1 < line.size()) text += "  ";
    }
    if (longest > 0 && &line != &lines.front()) {
      const std::string bar = bar_text(number_in(line[static_cast<std::size_t>(table.bars)]) / longest, bar_columns);
      text += bar.empty() ? "" : "  " + bar;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text;
}

std::string html_of(const Table& table) {
  const double longest = longest_of(table);
  std::string html = "<h2>" + html_escaped(printable(table.title)) + "</h2>\n";
  if (!table.note.empty()) html += "<p class=\"note\">" + html_escaped(printable(table.note)) + "</p>\n";
  if (table.rows.empty()) return html;
  html += "<div class=\"scroll\"><table>\n<thead><tr>";
  for (std::size_t i = 0; i < table.head.size(); ++i)
    html += cell_html(table.head[i], "th", i > 0 && table.head[i] != "reason", -1);
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool bar = i == static_cast<std::size_t>(table.bars) && longest > 0;
      html += cell_html(row[i], i == 0 ? "th" : "td", i > 0 && table.head[i] != "reason",
                        bar ? static_cast<int>(100 * number_in(row[i]) / longest + 0.5) : -1);
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace pixmill::cli
