// The flags of bench, beside those of the job that it measures.
#include <algorithm>

#include "cli/commands/flag_tables.h"
#include "cli/names.h"
#include "pixmill/tasks/job.h"

namespace pixmill::cli {
namespace {

using config::pointers;

constexpr std::string_view kBench = "Benchmark";

const std::vector<Flag>& own_flags() {
  static const std::vector<Flag> flags = {
      {.name = "all",
       .group = kBench,
       .help = "every part, and every job with its own model, in one report",
       .basic = true,
       .setting = false},
      {.name = "compare",
       .kind = Kind::text,
       .value = "OPTION[=A,B]",
       .group = kBench,
       .help = "side by side: device, backend, precision, batch, jobs, threads or any other option of the job; "
               "without values, those that make sense here; several: every combination",
       .repeatable = true,
       .basic = true,
       .setting = false},
      {.name = "against",
       .kind = Kind::choice,
       .value = "PEER",
       .group = kBench,
       .help = "another program on the same pictures with the same model",
       .choices = {"rembg"},
       .repeatable = true,
       .basic = true,
       .setting = false},
      {.name = "peer-python",
       .kind = Kind::path,
       .value = "FILE",
       .fallback = "python3",
       .group = kBench,
       .help = "the Python that has the peer"},
      {.name = "runs",
       .kind = Kind::integer,
       .value = "N",
       .fallback = "3",
       .group = kBench,
       .help = "runs of each contender, in turns, each in its own process",
       .minimum = 1,
       .maximum = 1000,
       .basic = true},
      {.name = "no-warm-up",
       .group = kBench,
       .help = "measure the first pass over the pictures, including the loading of the model; "
               "default: the second pass",
       .basic = true},
      {.name = "operators",
       .group = kBench,
       .help = "the slowest operators of the model (ONNX Runtime, OpenVINO)",
       .basic = true},
      {.name = "report",
       .kind = Kind::path,
       .value = "FILE",
       .group = kBench,
       .help = "write FILE.html (with charts), .json or .csv",
       .repeatable = true,
       .basic = true,
       .setting = false},
      {.name = "overwrite",
       .letter = 'y',
       .group = kBench,
       .help = "replace a report that pixmill did not make",
       .setting = false},
      {.name = "json", .group = kBench, .help = "the report as JSON on standard output", .basic = true},
      {.name = "quiet", .letter = 'q', .group = kBench, .help = "no progress", .basic = true},
  };
  return flags;
}

// Which of a job's flags bench takes: not those of outputs and reports, which bench sets itself.
bool measurable(const Flag& flag) {
  for (const std::string_view name :
       {"output", "name", "overwrite", "skip-existing", "force", "dry-run", "report", "json", "quiet", "verbose",
        "log-file", "no-progress", "fail-fast", "cache", "session-cache"}) {
    if (flag.name == name) return false;
  }
  return true;
}

}  // namespace

std::vector<const Flag*> bench_flags() {
  std::vector<const Flag*> all = pointers(own_flags());
  const auto add = [&](const std::vector<Flag>& flags) {
    for (const Flag& flag : flags) {
      const bool known =
          std::any_of(all.begin(), all.end(), [&](const Flag* other) { return other->name == flag.name; });
      if (!known && measurable(flag)) all.push_back(&flag);
    }
  };
  add(job_flags());
  for (const tasks::Job& job : tasks::jobs()) add(job.flags());
  return all;
}

}  // namespace pixmill::cli
