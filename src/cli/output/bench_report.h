// --report of bench: JSON, CSV, or one HTML page that needs nothing else.
#pragma once

#include <filesystem>
#include <string>

#include "pixmill/measure/bench.h"

namespace pixmill::cli {

// Throws Error{unwritable, disk_full}.
void write_bench_report(const measure::Bench& bench, const std::filesystem::path& file, bool overwrite);

std::string bench_html(const measure::Bench& bench);

}  // namespace pixmill::cli
