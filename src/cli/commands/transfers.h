// What commands share that copy, move and link pictures, or take that back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/output/live_line.h"
#include "cli/parse.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/pipeline/transfer.h"

namespace pixmill::cli {

// The count on the live line, and with --verbose or --dry-run a line for each file, on standard output.
pipeline::TransferWatch watch_of(const Invocation& invocation, LiveLine& live);

// What a job does with the files that it picked: `action` into the folder of -o. The files are still to be added.
pipeline::TransferSpec transfer_spec(const Invocation& invocation, const pipeline::JobSpec& spec,
                                     pipeline::TransferAction action, const std::vector<std::filesystem::path>& roots);

// Carries the plan out, and says what became of it: a line on standard error, an event with --json.
pipeline::Transferred transfer_and_say(const pipeline::TransferSpec& spec, pipeline::Catalogue& catalogue,
                                       const Invocation& invocation);

// Paths of pictures with their folder's links resolved, as a plan wants them.
class FoldersWithoutLinks {
 public:
  std::filesystem::path file(const std::filesystem::path& named);

 private:
  std::filesystem::path named_, folder_;  // of the picture before: many lie in one
};

// Takes a plan back, and says so; the options of `undo` are read from the invocation. `plan`: as in UndoSpec. Returns
// the exit code.
int undo_plan(const std::string& plan, const Invocation& invocation);

// --undo PLAN of jobs that make plans.
const std::vector<config::Flag>& undo_plan_flags();

}  // namespace pixmill::cli
