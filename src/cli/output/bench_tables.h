// What a bench measured, as tables: the same for terminal and page.
#pragma once

#include <string>
#include <vector>

#include "pixmill/measure/bench.h"

namespace pixmill::cli {

struct Table {
  std::string title;
  std::string note = {};  // one sentence under the title
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // the first cell of each names a contender
  int bars = 0;                                // a column of numbers that the page draws bars for; 0: none
};

// Speed, stages, memory, where it ran; for each contender what it was that kept it from running, or its operators.
std::vector<Table> tables(const measure::Bench& bench);

// Every run of every contender.
Table runs_table(const measure::Bench& bench);

// Columns aligned for a terminal, numbers to the right.
std::string aligned(const Table& table);

// A run over one picture, as a line: "Run 1/5: portrait.jpg | 1920x1080 | cpu | Pre: 15.2ms | ...".
std::string single_picture_line(const measure::BenchRun& run, int number, int runs);

// The average of such runs, their fastest and their slowest.
std::string single_picture_summary(const measure::BenchSummary& summary);

// "cutout of 134 pictures, 3 runs in turns, each after a warm-up"
std::string heading(const measure::Bench& bench);

}  // namespace pixmill::cli
