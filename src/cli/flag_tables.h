// The tables that commands() puts together, one .cc file each.
#pragma once

#include <string_view>
#include <vector>

#include "cli/flags.h"

namespace pixmill::cli {

// Headings in help.
inline constexpr std::string_view kInputs = "Inputs";
inline constexpr std::string_view kOutputs = "Outputs";
inline constexpr std::string_view kCutout = "Cut-out";
inline constexpr std::string_view kEngine = "Engine";
inline constexpr std::string_view kRun = "Run";

// Flags that every job takes: inputs, outputs, engine, run.
const std::vector<Flag>& job_flags();
const std::vector<Flag>& cutout_flags();
const std::vector<Flag>& tune_flags();
const std::vector<Flag>& quantize_flags();
std::vector<const Flag*> bench_flags();  // its own and those of the jobs

// One of job_flags(), for a house command that means the same by it.
const Flag* job_flag(std::string_view name);

// The commands of the house: everything that is no job.
const std::vector<Command>& other_commands();

std::vector<const Flag*> pointers(const std::vector<Flag>& flags, const std::vector<std::string_view>& of_jobs = {});

}  // namespace pixmill::cli
