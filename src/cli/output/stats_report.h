// What `pixmill stats` prints, and its --report.
#pragma once

#include <filesystem>
#include <string>

#include "pixmill/measure/stats.h"

namespace pixmill::cli {

// Tables with bars, for a terminal of so many columns.
std::string stats_text(const measure::Stats& stats, int columns);

// By the ending of the file: JSON, CSV, or one HTML page that needs nothing else. Throws Error{unwritable, disk_full}.
// `place` names the pictures.
void write_stats_report(const measure::Stats& stats, const std::string& place, const std::filesystem::path& file,
                        bool overwrite);

std::string stats_html(const measure::Stats& stats, const std::string& place);

}  // namespace pixmill::cli
