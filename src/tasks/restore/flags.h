// What upscale and denoise share: their flags, and how they become options.
#pragma once

#include <vector>

#include "pixmill/config/values.h"
#include "pixmill/tasks/job.h"
#include "pixmill/tasks/restore.h"

namespace pixmill::tasks {

// `group`: their heading in help.
std::vector<config::Flag> restore_flags(std::string_view group);

RestoreOptions read_restore(const config::Values& values);

// The task made of them, in the format that is asked for, under names by `name_template`.
JobOptions restore_job(const config::Values& values, const std::string& output, std::string_view name_template);

}  // namespace pixmill::tasks
