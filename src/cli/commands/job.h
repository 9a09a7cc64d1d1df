// What all jobs share: flags to a JobSpec, printers on the event stream, the exit code.
#pragma once

#include "cli/parse.h"
#include "pixmill/pipeline/job.h"

namespace pixmill::cli {

// Inputs, outputs, engine and run options. The job adds its task, its template and its format.
pipeline::JobSpec job_spec(const Invocation& invocation);

// Runs it with the printers that were asked for. Answers the exit code.
int run_job(const pipeline::JobSpec& spec, const Invocation& invocation);

// Of --cache: the limit in bytes, 0 for "off", negative for "auto".
std::int64_t cache_bytes(const Values& values);

}  // namespace pixmill::cli
