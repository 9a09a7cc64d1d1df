#include "pixmill/measure/tune.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "measure/tune/search.h"
#include "pixmill/core/error.h"
#include "pixmill/measure/timing.h"
#include "pixmill/pipeline/choice.h"
#include "pixmill/pipeline/speeds.h"
#include "pixmill/platform/clock.h"
#include "pixmill/platform/cores.h"
#include "pixmill/platform/memory.h"
#include "pixmill/runtime/devices.h"
#include "pixmill/runtime/model_file.h"

namespace pixmill::measure {
namespace {

using runtime::Precision;

constexpr int kStreamsOfGpu = 2;  // one inference while the next picture is copied
constexpr double kWorthSaying = 0.03;

// Real sessions on real time, measured with the work of the job around them: in whole jobs a setup that is faster alone
// may be slower (deeplab_portrait on two cores: one stream of two threads 1.2 times as fast alone, 0.97 times in a
// job).
class SessionStand final : public Stand {
 public:
  SessionStand(const Subject& subject, const std::atomic<bool>& stop) : subject_(subject), stop_(stop) {}

  double seconds() override {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

  double load(const Setup& setup) override {
    if (!sessions_.empty() && bytes_ > static_cast<std::size_t>(platform::usable_memory_bytes() / 2))
      throw Error(ErrorCode::out_of_memory, "not tried: what is loaded beside it takes half of the memory");
    runtime::SessionOptions options = pipeline::options_for(setup, subject_.model.card);
    options.shape = subject_.shape(setup.batch);
    const auto session = runtime::load_session(subject_.source(setup.precision), options);
    const runtime::SessionInfo& info = session->info();
    if (info.precision != setup.precision && info.precision != Precision::int8 && setup.precision != Precision::fp32)
      throw Error(ErrorCode::unsupported, "it runs in " + std::string(name_of(info.precision)) + " here");
    throughput(*session, subject_, setup.batch, 0.0, stop_);
    if (subject_.task && answers_.empty()) answers_ = answers_of(*session, subject_);
    bytes_ += session->memory_bytes();
    sessions_.emplace_back(setup, session);
    return info.load_seconds;
  }

  double rate(const Setup& setup, double seconds) override {
    return job_throughput(*find(setup)->second, subject_, answers_, setup.batch, seconds, stop_);
  }

  void unload(const Setup& setup) override {
    const auto found = find(setup);
    bytes_ -= std::min(bytes_, found->second->memory_bytes());
    sessions_.erase(found);
  }

 private:
  using Loaded = std::pair<Setup, std::shared_ptr<runtime::Session>>;

  std::vector<Loaded>::iterator find(const Setup& setup) {
    return std::find_if(sessions_.begin(), sessions_.end(),
                        [&](const Loaded& loaded) { return loaded.first == setup; });
  }

  const Subject& subject_;
  const std::atomic<bool>& stop_;
  std::vector<Loaded> sessions_;
  Answers answers_;
  std::size_t bytes_ = 0;
};

// Whether two of the cores that the system shows may be one.
bool has_hyper_threads() {
  int active = 0;
  std::ifstream("/sys/devices/system/cpu/smt/active") >> active;
  return active == 1;
}

int smallest_batch(const Subject& subject) {
  const std::int64_t declared = subject.signature.inputs.front().shape.front();
  return std::max({1, static_cast<int>(declared), subject.model.card.runtime.batch});
}

using Speeds = std::optional<pipeline::KeptSpeeds>;

Setup setup_by_rule(const Subject& subject, const TuneOptions& options, const Speeds& speeds) {
  pipeline::Choice choice =
      pipeline::choose_by_rule(options.home, subject.model, {}, 0, 0, speeds ? speeds->probe : runtime::SpeedProbe());
  if (speeds) pipeline::prefer_measured_backend(options.home, subject.model, {}, choice);
  const runtime::SessionInfo planned = runtime::plan_session(choice.session);
  return {runtime::first_provider(choice.session),
          planned.backend,
          planned.precision,
          planned.streams,
          planned.threads,
          smallest_batch(subject)};
}

bool is_allowed(const Setup& setup, const models::ModelCard& card) {
  try {
    return runtime::first_provider(pipeline::options_for(setup, card)) == setup.device;
  } catch (const Error&) {
    return false;
  }
}

// Whether the backend reads files of that kind at all; what else it refuses, it is left to say itself.
bool reads(const runtime::DeviceStatus& device, runtime::FileFormat format) {
  return (device.backend == "libtorch") == (format == runtime::FileFormat::torchscript);
}

Space space_of(const Subject& subject, const TuneOptions& options, const Speeds& speeds) {
  Space space;
  space.by_rule = setup_by_rule(subject, options, speeds);
  space.cores = platform::usable_cores();
  space.hyper_threads = has_hyper_threads();
  space.takes_batches = subject.takes_batches();
  const models::ModelCard& card = subject.model.card;
  const auto& good = card.runtime.precision;
  const runtime::FileFormat format = runtime::read_model_file(subject.source()).format;
  for (const runtime::DeviceStatus& device : runtime::devices()) {
    if (!device.available || !reads(device, format)) continue;
    const int streams = device.provider.starts_with("CPU") ? space.cores : std::min(space.cores, kStreamsOfGpu);
    Setup setup{device.id, device.backend, Precision::fp32, streams, 1, smallest_batch(subject)};
    if (!is_allowed(setup, card)) continue;
    space.seeds.push_back(setup);
    for (const Precision precision : device.precisions) {
      if (precision == Precision::fp32) continue;
      if (precision == Precision::int8 && !subject.int8) continue;  // a quantised file is what it is
      setup.precision = precision;
      if (!is_allowed(setup, card)) continue;  // ONNX Runtime computes halves in fp32 on the CPU
      const bool is_good = std::find(good.begin(), good.end(), name_of(precision)) != good.end();
      if (is_good) space.seeds.push_back(setup);
      if (!is_good && options.all_precisions) space.only_shown.push_back(setup);
    }
  }
  return space;
}

std::string against(const TuneResult& result, const TuneTrial& trial, const TuneTrial& other) {
  return rate_text(result.rate_of(trial)) + " against " + rate_text(result.rate_of(other)) + " pictures/s";
}

const TuneTrial* find_trial(const TuneResult& result, const Setup& setup) {
  const auto found = std::find_if(result.trials.begin(), result.trials.end(),
                                  [&](const TuneTrial& trial) { return trial.setup == setup && !trial.rates.empty(); });
  return found == result.trials.end() ? nullptr : &*found;
}

// What a larger batch did to the winner, as far as that was tried.
void add_batches(TuneResult& result, int smallest) {
  const Setup winner = result.winner().setup;
  if (winner.batch > smallest) {
    Setup single = winner;
    single.batch = smallest;
    if (const TuneTrial* trial = find_trial(result, single)) {
      result.findings.push_back("a batch of " + std::to_string(winner.batch) +
                                " is faster than one picture at a time: " + against(result, result.winner(), *trial));
    }
  }
  Setup larger = winner;
  larger.batch *= 2;
  const TuneTrial* trial = find_trial(result, larger);
  if (trial == nullptr) return;
  const double ratio = speed_against(*trial, result.winner());
  const std::string batch = "a batch of " + std::to_string(larger.batch);
  if (ratio < 1.0 - kWorthSaying) {
    result.findings.push_back(batch + " is slower: " + against(result, *trial, result.winner()));
  } else if (ratio <= 1.0 + kWorthSaying) {
    result.findings.push_back(batch + " gains nothing: " + against(result, *trial, result.winner()));
  }
}

void add_streams(TuneResult& result) {
  const Setup& winner = result.winner().setup;
  for (const TuneTrial& trial : result.trials) {
    Setup alike = trial.setup;
    alike.streams = winner.streams;
    alike.threads = winner.threads;
    if (trial.rates.empty() || alike != winner || trial.setup == winner) continue;
    if (speed_against(trial, result.winner()) >= 1.0 - kWorthSaying) continue;
    result.findings.push_back(std::to_string(trial.setup.streams) + " x " + std::to_string(trial.setup.threads) +
                              " threads are slower than " + std::to_string(winner.streams) + " x " +
                              std::to_string(winner.threads) + ": " + against(result, trial, result.winner()));
  }
}

void add_precisions(TuneResult& result) {
  for (const TuneTrial& trial : result.trials) {
    if (trial.choosable || trial.rates.empty() || speed_against(trial, result.winner()) <= 1.0 + kWorthSaying) continue;
    result.findings.push_back(std::string(name_of(trial.setup.precision)) + " in " + trial.setup.backend +
                              " is faster: " + against(result, trial, result.winner()) +
                              "; the model's card does not mark it as good, `pixmill verify` measures whether it is");
  }
}

}  // namespace

std::string rate_text(double rate) {
  char text[32];
  std::snprintf(text, sizeof text, rate >= 100 ? "%.0f" : rate >= 10 ? "%.1f" : "%.2f", rate);
  return text;
}

TuneResult tune(const Subject& subject, const TuneOptions& options, const std::atomic<bool>& stop,
                const TuneProgress& progress) {
  const Space space = space_of(subject, options, pipeline::known_speeds(options.home));
  SessionStand stand(subject, stop);
  TuneResult result = Search(space, stand, options.budget_seconds, stop, progress).run();
  if (result.interrupted) return result;
  add_batches(result, smallest_batch(subject));
  add_streams(result);
  add_precisions(result);
  return result;
}

std::vector<Setup> first_contenders(const Subject& subject, const TuneOptions& options) {
  const Space space = space_of(subject, options, pipeline::find_speeds(options.home));
  std::vector<Setup> all = {space.by_rule};
  for (const std::vector<Setup>* list : {&space.seeds, &space.only_shown}) {
    for (const Setup& setup : *list) {
      if (std::find(all.begin(), all.end(), setup) == all.end()) all.push_back(setup);
    }
  }
  return all;
}

pipeline::Tuning tuning_of(const TuneResult& result, const Subject& subject) {
  pipeline::Tuning tuning{subject.model.name, subject.model.content_hash, pipeline::machine_key(), platform::today()};
  std::set<std::pair<std::string, Precision>> kept;
  const auto keep = [&](const TuneTrial& trial) {
    if (trial.rates.empty() || !kept.emplace(trial.setup.device, trial.setup.precision).second) return;
    tuning.setups.push_back({trial.setup, result.rate_of(trial)});
  };
  keep(result.winner());
  for (const TuneTrial& trial : result.trials) keep(trial);
  return tuning;
}

}  // namespace pixmill::measure
