// The job `filter`: its flags, and how they become a task and a rule.
#pragma once

#include <vector>

#include "pixmill/tasks/job.h"

namespace pixmill::tasks {

const std::vector<config::Flag>& filter_flags();

JobOptions read_filter(const config::Values& values, const std::string& output, const codecs::DecodeOptions& decode);

}  // namespace pixmill::tasks
