// What a bench measured, as tables: the same for terminal and page.
#pragma once

#include <string>
#include <vector>

#include "cli/output/table.h"
#include "pixmill/measure/bench.h"

namespace pixmill::cli {

// Speed, stages, memory, where it ran; for each contender what it was that kept it from running, or its operators.
std::vector<Table> tables(const measure::Bench& bench);

// Every run of every contender.
Table runs_table(const measure::Bench& bench);

// A run over one picture, as a line: "Run 1/5: portrait.jpg | 1920x1080 | cpu | Pre: 15.2ms | ...".
std::string single_picture_line(const measure::BenchRun& run, int number, int runs);

// The average of such runs, their fastest and their slowest.
std::string single_picture_summary(const measure::BenchSummary& summary);

// "cutout of 134 pictures, 3 runs in turns, each after a warm-up"
std::string heading(const measure::Bench& bench);

}  // namespace pixmill::cli
