// What commands share that copy, move and link pictures, or take that back.
#pragma once

#include <string>

#include "cli/output/live_line.h"
#include "cli/parse.h"
#include "pixmill/pipeline/transfer.h"

namespace pixmill::cli {

// The count on the live line, and with --verbose or --dry-run a line for each file, on standard output.
pipeline::TransferWatch watch_of(const Invocation& invocation, LiveLine& live);

// Takes a plan back, and says so; the options of `undo` are read from the invocation. `plan`: as in UndoSpec. Returns
// the exit code.
int undo_plan(const std::string& plan, const Invocation& invocation);

// --undo PLAN of jobs that make plans.
const std::vector<config::Flag>& undo_plan_flags();

}  // namespace pixmill::cli
