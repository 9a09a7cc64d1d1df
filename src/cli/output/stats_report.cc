#include "cli/output/stats_report.h"

#include <algorithm>
#include <sstream>

#include "cli/output/report_page.h"
#include "cli/output/table.h"
#include "cli/output/text.h"
#include "cli/output_file.h"
#include "pixmill/core/format_text.h"
#include "pixmill/core/text.h"
#include "pixmill/platform/clock.h"

// Made by cmake/ReportPages.cmake.
extern "C" const char pixmill_stats_script[], pixmill_stats_script_end[];

namespace pixmill::cli {
namespace {

using measure::ClassStats;
using measure::Spread;
using measure::Stats;

constexpr std::size_t kTerminalCells = 6;  // of a row
constexpr std::size_t kMostRows = 40;      // of a table in the terminal
constexpr std::size_t kMostSizes = 8;      // of pictures, that have a row of their own

std::string share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? format_text("%.1f %%", 100.0 * static_cast<double>(part) / static_cast<double>(whole)) : "-";
}

// Of a class in a picture: three digits where there are so many.
std::string area_text(double area) {
  const double percent = 100 * area;
  return format_text(percent < 1 ? "%.2f %%" : "%.1f %%", percent);
}

Table classes(const Stats& stats) {
  Table table{.title = "Classes",
              .note =
                  "Things, and pictures that have one; medians of confidence and of the share of the picture; sizes "
                  "by area: below 32 x 32 pixels, below 96 x 96, larger.",
              .head = {"class", "things", "pictures", "of all", "confidence", "area", "small", "medium", "large"},
              .rows = {},
              .bars = 1};
  for (const ClassStats& one : stats.classes)
    table.rows.push_back({one.name, std::to_string(one.things), std::to_string(one.pictures),
                          share(one.pictures, stats.known), format_text("%.2f", one.median_confidence),
                          area_text(one.median_area), std::to_string(one.sizes.small), std::to_string(one.sizes.medium),
                          std::to_string(one.sizes.large)});
  return table;
}

// 0, 1, ... 5, and then wider steps.
Table things_a_picture(const Stats& stats) {
  Table table{.title = "Things a picture", .note = {}, .head = {"things", "pictures", "of all"}, .rows = {}, .bars = 1};
  const std::vector<std::int64_t>& counts = stats.pictures_by_things;
  constexpr std::size_t kSteps[] = {0, 1, 2, 3, 4, 5, 6, 11, 21, 51, 101, ~std::size_t{0}};
  for (std::size_t i = 0; i + 1 < std::size(kSteps) && kSteps[i] < counts.size(); ++i) {
    const std::size_t from = kSteps[i], to = std::min(kSteps[i + 1], counts.size());
    std::int64_t pictures = 0;
    for (std::size_t things = from; things < to; ++things) pictures += counts[things];
    std::string name = std::to_string(from);
    if (kSteps[i + 1] == ~std::size_t{0})
      name += " and more";
    else if (kSteps[i + 1] > from + 1)
      name += " to " + std::to_string(kSteps[i + 1] - 1);
    table.rows.push_back({name, std::to_string(pictures), share(pictures, stats.known)});
  }
  return table;
}

Table sizes(const Stats& stats) {
  Table table{
      .title = "Sizes of things", .note = {}, .head = {"area in pixels", "things", "of all"}, .rows = {}, .bars = 1};
  const auto row = [&](const char* name, std::int64_t things) {
    table.rows.push_back({name, std::to_string(things), share(things, stats.things)});
  };
  row("small: below 32 x 32", stats.sizes.small);
  row("medium: below 96 x 96", stats.sizes.medium);
  row("large", stats.sizes.large);
  return table;
}

Table picture_sizes(const Stats& stats) {
  Table table{.title = "Sizes of pictures: " + std::to_string(stats.landscape) + " landscape, " +
                       std::to_string(stats.portrait) + " portrait, " + std::to_string(stats.square) + " square",
              .head = {"pixels", "pictures", "of all"},
              .rows = {},
              .bars = 1};
  std::int64_t others = 0;
  for (std::size_t i = 0; i < stats.picture_sizes.size(); ++i) {
    const measure::SizeCount& one = stats.picture_sizes[i];
    if (i >= kMostSizes && stats.picture_sizes.size() > kMostSizes + 1) {
      others += one.pictures;
      continue;
    }
    table.rows.push_back({std::to_string(one.size.width) + " x " + std::to_string(one.size.height),
                          std::to_string(one.pictures), share(one.pictures, stats.known)});
  }
  if (others > 0)
    table.rows.push_back({std::to_string(stats.picture_sizes.size() - kMostSizes) + " others", std::to_string(others),
                          share(others, stats.known)});
  return table;
}

Table ranges(const Stats& stats) {
  Table table{.title = "Pictures",
              .note = "Sharpness is the variance of the Laplacian at 768 pixels, brightness is 0 (black) to 255.",
              .head = {"", "least", "median", "most", "pictures"},
              .rows = {}};
  const auto row = [&](const char* name, const Spread& spread, const char* pattern) {
    if (spread.count == 0) return;
    table.rows.push_back({name, format_text(pattern, spread.least), format_text(pattern, spread.median),
                          format_text(pattern, spread.most), std::to_string(spread.count)});
  };
  row("things", stats.things_a_picture, "%g");
  row("megapixels", stats.megapixels, "%.2f");
  row("sharpness", stats.sharpness, "%.0f");
  row("brightness", stats.brightness, "%.0f");
  return table;
}

std::vector<Table> tables(const Stats& stats) {
  std::vector<Table> all = {classes(stats), things_a_picture(stats), sizes(stats), picture_sizes(stats), ranges(stats)};
  if (stats.things == 0) all.erase(all.begin(), all.begin() + 3);
  return all;
}

std::vector<std::string> sentences(const Stats& stats) {
  std::vector<std::string> all = {
      count_text(stats.things, "thing") + (stats.only.empty() ? "" : " of " + joined(stats.only, ", ")) + " in " +
      std::to_string(stats.with_things) + " of " + count_text(stats.known, "picture") + ", with a confidence of " +
      format_text("%g", double(stats.confidence)) + " and more"};
  if (const std::int64_t unknown = stats.pictures - stats.known; unknown > 0)
    all.push_back(count_text(unknown, "picture") + " more " + (unknown == 1 ? "was" : "were") +
                  " not looked at, or changed since");
  return all;
}

// The sizes by class are on the page.
void narrow(Table& table) {
  table.head.resize(kTerminalCells);
  for (auto& row : table.rows) row.resize(kTerminalCells);
}

int width_of(const std::string& lines) {
  int width = 0;
  std::istringstream text(lines);
  for (std::string line; std::getline(text, line);) width = std::max(width, columns_of(line));
  return width;
}

}  // namespace

std::string stats_text(const Stats& stats, int columns) {
  std::string text;
  for (const std::string& sentence : sentences(stats)) text += sentence + "\n";
  std::vector<Table> all = tables(stats);
  int widest = 0;
  for (Table& table : all) {
    if (table.head.size() > kTerminalCells) narrow(table);
    widest = std::max(widest, width_of(aligned(table)));
  }
  constexpr int kGap = 3, kShortestBar = 8, kLongestBar = 30;  // columns
  const int bar = std::clamp(columns - widest - kGap, kShortestBar, kLongestBar);
  for (Table& table : all) {
    const std::size_t rows = table.rows.size();
    if (rows > kMostRows) table.rows.resize(kMostRows);
    text += "\n" + aligned(table, bar);
    if (rows > kMostRows) text += "  and " + std::to_string(rows - kMostRows) + " more: --json, --report\n";
  }
  return text;
}

void write_stats_report(const Stats& stats, const std::string& place, const std::filesystem::path& file,
                        bool overwrite) {
  const std::string ending = file.extension().string();
  write_output_file("--report", file,
                    ending == ".json"  ? measure::stats_json(stats) + "\n"
                    : ending == ".csv" ? measure::stats_csv(stats)
                                       : stats_html(stats, place),
                    overwrite);
}

std::string stats_html(const Stats& stats, const std::string& place) {
  return html_of(ReportPage{
      .command = "stats",
      .title = place,
      .heading = count_text(stats.known, "picture") + ", " + count_text(stats.things, "thing"),
      .sentences = sentences(stats),
      .facts = {{"Pictures", "<code>" + page_text(place) + "</code>"}, {"Date", page_text(platform::today())}},
      .tables = tables(stats),
      .data = measure::stats_json(stats),
      .script = {pixmill_stats_script, static_cast<std::size_t>(pixmill_stats_script_end - pixmill_stats_script)}});
}

}  // namespace pixmill::cli
