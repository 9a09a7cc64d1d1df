// The options of the jobs that find things: what is decided when a picture is looked at, and what is asked of the
// results.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"
#include "pixmill/tasks/detect.h"

namespace pixmill::tasks {

inline constexpr std::string_view kDetectionFlags = "Detections";  // their group in help

const std::vector<config::Flag>& finding_flags();
DetectOptions read_finding(const config::Values& values);

// The classes as --names FILE has them; empty without it. `text`: the file's content, which counts for the results'
// key. Throws Error: usage, and what reading the file throws.
struct GivenNames {
  std::string file;
  std::string text;
  std::vector<std::string> names;
};
GivenNames read_names(const config::Values& values);

// The card with those names. Throws Error{usage} where it has another number of its own.
models::ModelCard with_names(models::ModelCard card, const GivenNames& given);

}  // namespace pixmill::tasks
