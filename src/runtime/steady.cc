#include "runtime/steady.h"

#include <algorithm>
#include <cstddef>
#include <ctime>

namespace pixmill::runtime {
namespace {

constexpr std::size_t kFewestRounds = 4;
constexpr double kFarthest = 1.15;  // the two halves of the rounds may be apart by so much

using Rounds = std::vector<std::vector<double>>;

// The least time of each way in these rounds.
std::vector<double> fastest(Rounds::const_iterator begin, Rounds::const_iterator end) {
  std::vector<double> times = *begin;
  for (auto round = begin; round != end; ++round) {
    for (std::size_t way = 0; way < times.size(); ++way) times[way] = std::min(times[way], (*round)[way]);
  }
  return times;
}

}  // namespace

std::optional<std::vector<double>> steady_times(const Rounds& rounds) {
  if (rounds.size() < kFewestRounds || rounds.front().empty()) return std::nullopt;
  const auto middle = rounds.begin() + static_cast<std::ptrdiff_t>(rounds.size() / 2);
  const std::vector<double> early = fastest(rounds.begin(), middle), late = fastest(middle, rounds.end());
  for (std::size_t way = 1; way < early.size(); ++way) {
    const double before = early[way] / early.front(), after = late[way] / late.front();
    if (std::max(before, after) > kFarthest * std::min(before, after)) return std::nullopt;
  }
  return fastest(rounds.begin(), rounds.end());
}

double processor_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

double time_of(Session& session, const Tensor& input) {
  const double start = processor_ms();
  session.run({&input, 1});
  return processor_ms() - start;
}

std::shared_ptr<Session> load_to_measure(const ModelSource& model, const std::string& backend, Precision precision,
                                         const std::vector<std::int64_t>& shape) {
  SessionOptions options;
  options.backend = backend;
  options.device = backend == "onnxruntime" ? "cpu" : backend;
  options.precision = precision;
  options.streams = 1;
  options.threads = 1;
  options.shape = shape;
  options.require_device = true;
  options.keep_compiled = false;
  return load_session(model, options);
}

}  // namespace pixmill::runtime
