#include <array>
#include <cstring>
#include <memory>

#include "pixmill/core/error.h"
#include "pixmill/runtime/speed_probe.h"
#include "runtime/steady.h"

namespace pixmill::runtime {
namespace {

constexpr std::size_t kLargestModel = std::size_t{64} << 20;  // bytes: loading it twice takes too long
constexpr double kLongestInference = 100;                     // milliseconds
constexpr double kMeasuring = 200;                            // milliseconds of processor time, loading apart
constexpr std::size_t kFewestRounds = 6, kMostRounds = 24;
constexpr std::array<const char*, 2> kBackends = {"onnxruntime", "openvino"};

}  // namespace

std::optional<std::string> faster_backend(const ModelSource& model, const std::vector<std::int64_t>& shape) {
  if (model.bytes.size() > kLargestModel) return std::nullopt;
  try {
    Tensor input(shape, ElementType::f32);
    std::memset(input.data(), 0, input.bytes());
    std::array<std::shared_ptr<Session>, 2> sessions;
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      sessions[i] = load_to_measure(model, kBackends[i], Precision::fp32, shape);
      time_of(*sessions[i], input);  // the first inference of a session is slower
      if (time_of(*sessions[i], input) > kLongestInference) return std::nullopt;
    }
    std::vector<std::vector<double>> rounds;
    const double start = processor_ms();
    while (rounds.size() < kFewestRounds || (rounds.size() < kMostRounds && processor_ms() - start < kMeasuring))
      rounds.push_back({time_of(*sessions[0], input), time_of(*sessions[1], input)});
    const auto times = steady_times(rounds);
    if (!times) return std::nullopt;
    return (*times)[0] < (*times)[1] ? kBackends[0] : kBackends[1];
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace pixmill::runtime
