// Tables: the same for terminals and pages.
#pragma once

#include <string>
#include <vector>

namespace pixmill::cli {

struct Table {
  std::string title;
  std::string note = {};  // one sentence under the title
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // the first cell of each names it
  int bars = 0;                                // a column of numbers that bars are drawn for; 0: none
};

// Columns aligned for a terminal, numbers to the right; with a bar of at most so many columns at the end of each row.
std::string aligned(const Table& table, int bar_columns = 0);

// Title, note and rows; a bar is behind its number.
std::string html_of(const Table& table);

}  // namespace pixmill::cli
