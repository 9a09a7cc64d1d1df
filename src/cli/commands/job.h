// Runs a job as a command: flags to a JobSpec, printers of the events, the exit code.
#pragma once

#include "cli/parse.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/tasks/job.h"

namespace pixmill::cli {

// What the invocation of a job asks the pipeline for. Throws Error{usage}, and what reading files that it names throws.
pipeline::JobSpec job_spec(const Invocation& invocation);

// What it asks beside the job and its options: pictures, files, devices, limits. Throws Error{usage}.
pipeline::JobSpec general_spec(const Invocation& invocation);

// The model that is named, or the job's own; no name where the job runs none. Throws Error{usage}.
pipeline::FurtherModel model_of(const Values& values, const tasks::Job& job);

// Its pictures. Throws Error{usage}.
pipeline::InputSpec input_spec(const Invocation& invocation);

// Whether the flag stands on the command line.
bool typed(const Values& values, std::string_view flag);

// What became of a job. `good`: reports and logs are whole, and a dry run met nothing that would be refused.
struct Outcome {
  pipeline::Ended ended;
  bool good = true;
};

// Runs it with the printers that `values` ask for.
Outcome run_spec(const pipeline::JobSpec& spec, const Values& values);

// Runs it with the printers that were requested. Returns the exit code.
int run_job(const Invocation& invocation);

// Of --cache or --session-cache: the limit in bytes, 0 for "off", negative for "auto".
std::int64_t cache_bytes(const Values& values, const char* flag = "cache");

}  // namespace pixmill::cli
