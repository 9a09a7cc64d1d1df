// The table of commands, and the exit codes.
#pragma once

#include <atomic>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/parse.h"
#include "pixmill/core/error.h"
#include "pixmill/pipeline/event.h"
#include "pixmill/pipeline/job.h"

namespace pixmill::cli {

// A contract with scripts, see the docs.
enum ExitCode : int { kAllGood = 0, kSomeFailed = 1, kWrongUsage = 2, kNoPicture = 3, kInterrupted = 130 };

int exit_code(const pipeline::Ended& ended);

// The jobs first, then the other commands.
std::span<const Command> commands();
const Command* find_command(std::string_view name);  // null where there is none of that name

// Of the job that is meant where none is named.
const Command& default_job_command();

// Does what the command of the invocation does; returns the exit code.
int run_command(const Invocation& invocation);

// A command that is no job, and what it does.
struct CommandRow {
  Command command;
  int (*run)(const Invocation& invocation) = nullptr;
};
const std::vector<CommandRow>& other_commands();

// What a job's name does with this word behind it, in place of a run.
struct JobWord {
  std::string_view job, word, arguments;
  int (*run)(const Invocation& invocation) = nullptr;
};

int run_mask_check(const Invocation& invocation);
int run_bench(const Invocation& invocation);
int run_chain(const Invocation& invocation);
int run_models(const Invocation& invocation);
int run_devices(const Invocation& invocation);
int run_tune(const Invocation& invocation);
int run_export(const Invocation& invocation);
int run_import(const Invocation& invocation);
int run_undo(const Invocation& invocation);
int run_search(const Invocation& invocation);
int run_index(const Invocation& invocation);
int run_stats(const Invocation& invocation);
int run_verify(const Invocation& invocation);
int run_quantize(const Invocation& invocation);
int run_doctor(const Invocation& invocation);
int run_runtimes(const Invocation& invocation);
int run_config(const Invocation& invocation);
int run_cache(const Invocation& invocation);
int run_completion(const Invocation& invocation);
int run_man(const Invocation& invocation);

// Help texts, from the flag table. `everything`: all flags, not only the basic ones.
std::string help_text(const Command& command, bool everything);
std::string overview_text();

// While one lives, the first Ctrl-C on a terminal says what it does.
class RunningJob {
 public:
  RunningJob();
  ~RunningJob();
  RunningJob(const RunningJob&) = delete;
  RunningJob& operator=(const RunningJob&) = delete;
};

// Prints an error and its hint on standard error.
void complain(const Error& error);

// Turns true at the first Ctrl-C, SIGTERM or SIGHUP; the second ends the process at once with 130.
const std::atomic<bool>& interrupted();

}  // namespace pixmill::cli
