// The flags of the commands.
#pragma once

#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/tasks/job.h"

namespace pixmill::cli {

// For what a command writes because it was named: reports, presets.
const config::Flag& overwrite_flag();

const std::vector<config::Flag>& models_flags();
const std::vector<config::Flag>& verify_flags();
const std::vector<config::Flag>& doctor_flags();
const std::vector<config::Flag>& cache_flags();
const std::vector<config::Flag>& config_flags();
const std::vector<config::Flag>& runtimes_flags();
const std::vector<config::Flag>& tune_flags();
const std::vector<config::Flag>& quantize_flags();
std::vector<const config::Flag*> export_flags();  // its own and those of the formats
std::vector<const config::Flag*> import_flags();
std::vector<const config::Flag*> undo_flags();
// Those of a job and of the formats of its records, which the help of --format names.
std::vector<const config::Flag*> flags_of_job(const tasks::Job& job);
std::vector<const config::Flag*> bench_flags();  // its own and those of the jobs

// Whether a job can be a step of a chain: it makes pictures, and nothing else.
bool can_be_step(const tasks::Job& job);

// --JOB.FLAG of `pixmill run`.
bool is_step_flag(const config::Flag& flag);

// What a step can be told: the job's own flags, and those of its model.
std::vector<const config::Flag*> flags_of_step(const tasks::Job& job);

const std::vector<const config::Flag*>& run_flags();
const std::vector<const config::Flag*>& search_flags();
const std::vector<config::Flag>& index_flags();

}  // namespace pixmill::cli
