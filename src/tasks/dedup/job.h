// The job `dedup`: its flags, and how they become a task.
#pragma once

#include <vector>

#include "pixmill/tasks/job.h"

namespace pixmill::tasks {

const std::vector<config::Flag>& dedup_flags();

JobOptions read_dedup(const config::Values& values, const std::string& output, const codecs::DecodeOptions& decode);

}  // namespace pixmill::tasks
