// Contenders measured side by side on the same pictures: each run in its own process, in turns.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pixmill/measure/machine.h"
#include "pixmill/measure/parts.h"
#include "pixmill/measure/timing.h"
#include "pixmill/pipeline/job.h"

namespace pixmill::measure {

// One way to do the work.
struct Contender {
  std::string name;                                          // "openvino, bf16"
  std::vector<std::pair<std::string, std::string>> options;  // what sets it apart: {"backend", "openvino"}
  // A program that keeps to the protocol of bench_worker(): this one, or a peer's script.
  std::vector<std::string> command;
  std::filesystem::path folder = {};  // it runs in; empty: the current one
};

struct BenchPicture {
  std::string name;
  Size size;
  pipeline::StageTimes times{};

  double total_ms() const;
};

// What one process measured. Its first pass over the pictures is cold; the second is warm, and the one that counts.
struct BenchRun {
  double cold_s = 0.0;  // from the start of the process to its last file, the loading of the model among it
  double warm_s = 0.0;  // the same pictures again; 0: no warm-up was wanted, and the cold pass counts
  std::int64_t done = 0, failed = 0;   // pictures of the pass that counts
  std::vector<BenchPicture> pictures;  // of that pass; empty where a contender does not report them
  double bare_rate = 0.0;              // pictures a second of the bare model; 0: not measured
  std::string bare_note;               // why not
  std::int64_t memory_before = 0, memory_after = 0, memory_peak = 0;  // resident bytes, bare inference left out
  runtime::SessionInfo session;  // backend empty where a contender does not report it
  int workers = 0, batch = 1;
  std::string model, model_hash;
  std::vector<std::string> warnings;

  double rate() const;  // pictures a second, end to end
};

// Time that the operators of one kind took in a profiled inference.
struct OperatorTime {
  std::string name;  // "Conv"
  double ms = 0.0;   // in one inference, summed over its nodes
  double share = 0.0;
  int nodes = 0;
};

struct ContenderResult {
  Contender contender;
  std::vector<BenchRun> runs = {};
  std::string failure = {}, hint = {};       // why it did not run; empty when it did
  std::vector<OperatorTime> operators = {};  // the ten slowest kinds; empty without a profile
  std::string profile_note = {};             // why there is none though one was wanted
};

struct BenchOptions {
  int runs = 3;
  bool warm_up = true;
  bool profile = false;
};

struct Bench {
  std::string job;
  std::string date;     // "2026-11-21T08:00:00Z"
  std::string command;  // as it was typed
  std::int64_t pictures = 0;
  BenchOptions options;
  Machine machine;
  std::vector<ContenderResult> contenders;
  std::vector<PartResult> parts = {};
  bool interrupted = false;

  bool anything() const;  // was measured
};

// Where it stands.
struct BenchStep {
  const Contender& contender;
  int run = 0;            // from 1
  std::string pass = {};  // "cold", "warm", "bare", "profile"
  std::int64_t done = 0, total = 0;
  const BenchRun* ended = nullptr;       // the run that has just ended
  const std::string* failure = nullptr;  // or why it did not
};

// Fills bench.contenders: options.runs rounds, in each every contender once, the next one first in the next round. A
// contender that fails is asked no more; the others go on. `scratch`: an empty folder, for what the contenders write.
// Until done, or `stop` turns true: what was measured by then stands. Throws Error only where no process can be
// started.
void run_bench(Bench& bench, const std::vector<Contender>& contenders, const std::filesystem::path& scratch,
               const std::function<void(const BenchStep&)>& on_step, const std::atomic<bool>& stop);

// In a process that run_bench() started: what it is to do.
struct BenchOrders {
  std::filesystem::path folder;  // empty, its own; everything it writes goes here
  std::filesystem::path cache;   // shared by all runs, so that an engine is built once
  bool warm = true;
  bool profile = false;  // profile the model, nothing else
};

// From the environment (PIXMILL_BENCH_...); empty in every other process.
std::optional<BenchOrders> bench_orders();

// The other side of run_bench(): does the job as ordered and says each line of the protocol: {"pass", "done", "total"},
// {"pass", "ended": true}, at last {"run": {...}}, {"operators": [...]} or {"error": {...}}. Never throws.
void bench_worker(pipeline::JobSpec spec, const BenchOrders& orders, const std::function<void(const std::string&)>& say,
                  const std::atomic<bool>& stop);

struct BenchSummary {
  Statistics rate;                                      // pictures a second, end to end, over the runs
  Statistics cold_s, bare_rate;                         // over the runs
  double bare_ratio = 0.0;                              // bare : end to end in the same run, median; 0: not measured
  double first_ratio = 0.0;                             // end to end : the first contender's, the same; 0: no such
  Statistics latency_ms;                                // of a picture, over all pictures and runs
  std::array<Statistics, pipeline::kStages> stages_ms;  // the same, by stage
  std::vector<double> quantiles_ms;                     // of the latency, at 0, 5, ..., 100 %; empty: not reported
  std::int64_t memory_before = 0, memory_after = 0, memory_peak = 0;  // medians over the runs
};

BenchSummary summarise(const ContenderResult& result, const ContenderResult& first);

// What the figures say, a sentence each: the quickest, its limit, how far it is from there, and where the time goes.
std::vector<std::string> verdict(const Bench& bench);

// docs/bench.md has the schema.
std::string bench_json(const Bench& bench);
std::string bench_csv(const Bench& bench);  // a row for every contender; without any, for every row of the parts

}  // namespace pixmill::measure
