// The options of the jobs that find things: what is decided when a picture is looked at, and what is asked of the
// results.
#pragma once

#include <string_view>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"
#include "pixmill/tasks/detect.h"

namespace pixmill::tasks {

inline constexpr std::string_view kDetectionFlags = "Detections";  // their group in help

const std::vector<config::Flag>& finding_flags();
DetectOptions read_finding(const config::Values& values);

}  // namespace pixmill::tasks
