// The text of a bug report: all that is needed to find the cause, and nothing private.
#pragma once

#include <filesystem>
#include <string>

#include "pixmill/measure/doctor.h"

namespace pixmill::cli {

// `output`: the folder that was examined too; empty without one.
std::string bug_report(const measure::Diagnosis& diagnosis, const std::filesystem::path& output);

}  // namespace pixmill::cli
