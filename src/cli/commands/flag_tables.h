// Flags of commands that are long enough for a file of their own.
#pragma once

#include <vector>

#include "pixmill/config/flag.h"

namespace pixmill::cli {

const std::vector<config::Flag>& tune_flags();
const std::vector<config::Flag>& quantize_flags();
std::vector<const config::Flag*> export_flags();  // its own and those of the formats
std::vector<const config::Flag*> import_flags();
std::vector<const config::Flag*> bench_flags();  // its own and those of the jobs

}  // namespace pixmill::cli
