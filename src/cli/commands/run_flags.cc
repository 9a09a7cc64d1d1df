// The flags of `pixmill run`: those of all jobs, and of each job that can be a step its own as --JOB.FLAG.
#include <algorithm>
#include <deque>
#include <string>

#include "cli/commands/flag_tables.h"
#include "cli/names.h"
#include "pixmill/tasks/job.h"

namespace pixmill::cli {
namespace {

// Of each step its own, beside those of the job.
constexpr std::string_view kOfModels[] = {"model", "imgsz"};

bool is_of_model(std::string_view name) {
  return std::find(std::begin(kOfModels), std::end(kOfModels), name) != std::end(kOfModels);
}

const std::vector<Flag>& own_flags() {
  static const std::vector<Flag> flags = {
      {.name = "chain",
       .kind = Kind::path,
       .value = "FILE",
       .group = kRun,
       .help = "the steps with their options from a file, see docs/chains.md",
       .basic = true,
       .setting = false},
      {.name = "format",
       .kind = Kind::text,
       .value = "F",
       .group = kOutputs,
       .help = "of the results: one that the last step writes",
       .basic = true,
       .setting = false},
  };
  return flags;
}

// `flag` as that of a step. Its names live as long as the program.
Flag of_step(const tasks::Job& job, const Flag& flag) {
  static std::deque<std::string> texts;
  Flag copy = flag;
  copy.name = texts.emplace_back(std::string(job.name) + "." + std::string(flag.name));
  copy.group = texts.emplace_back("Options of " + std::string(job.name) + " steps");
  copy.letter = 0;
  copy.also = {};
  copy.basic = false;
  copy.setting = false;
  return copy;
}

}  // namespace

bool can_be_step(const tasks::Job& job) {
  return job.record_kind.empty() && !job.chooses_pictures;
}

bool is_step_flag(const Flag& flag) {
  return flag.name.find('.') != std::string_view::npos;
}

std::vector<const Flag*> flags_of_step(const tasks::Job& job) {
  std::vector<const Flag*> flags;
  for (const Flag& flag : job.flags()) flags.push_back(&flag);
  for (const std::string_view name : kOfModels) {
    if (job.runs_model) flags.push_back(job_flag(name));
  }
  return flags;
}

const std::vector<const Flag*>& run_flags() {
  static const std::vector<const Flag*> flags = [] {
    static std::deque<Flag> of_steps;
    std::vector<const Flag*> all = config::pointers(own_flags());
    for (const Flag& flag : job_flags()) {
      if (!is_of_model(flag.name)) all.push_back(&flag);
    }
    for (const tasks::Job& job : tasks::jobs()) {
      if (!can_be_step(job)) continue;
      for (const Flag* flag : flags_of_step(job)) all.push_back(&of_steps.emplace_back(of_step(job, *flag)));
    }
    return all;
  }();
  return flags;
}

}  // namespace pixmill::cli
