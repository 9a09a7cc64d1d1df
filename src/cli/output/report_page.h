// --report FILE.html of commands that measure: one page with tables and charts that needs nothing else.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/output/table.h"

namespace pixmill::cli {

struct ReportPage {
  std::string command;  // "bench"
  std::string title;    // of the window, after the command
  std::string heading;
  std::vector<std::string> sentences;                      // what it all comes to
  std::vector<std::pair<std::string, std::string>> facts;  // a term, and HTML
  std::vector<Table> tables;
  std::string data;         // JSON, which the script reads
  std::string_view script;  // draws the charts by the functions of page/charts.js
};

std::string html_of(const ReportPage& page);

// As text on a page.
std::string page_text(std::string_view text);

// Before the work: throws Error: usage where the ending is none of .json, .csv, .html, .htm; unwritable.
void check_page_report(const std::filesystem::path& file, bool overwrite);

}  // namespace pixmill::cli
