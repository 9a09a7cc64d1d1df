#include "pixmill/runtime/speed_probe.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>

#include "pixmill/core/error.h"
#include "pixmill/runtime/devices.h"
#include "runtime/backends.h"
#include "runtime/hardware.h"
#include "runtime/steady.h"
#include "runtime/tiny_layers.h"

namespace pixmill::runtime {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFewestRounds = 6;
constexpr std::size_t kMostRounds = 24;
constexpr double kMeasuring = 200;                   // milliseconds of processor time; with loading less than 500
constexpr std::chrono::milliseconds kLongest{600};   // on a machine that does other work too
constexpr std::chrono::seconds kLongestWhenBusy{3};  // the limit on a busy machine

constexpr std::int64_t kSide = 128;
constexpr std::int64_t kIn = 16;
constexpr float kStep = 4.0f / 255;  // of quantised activations

// What convolutional networks are made of, in the sizes of their middle layers: 373 million multiplications.
struct Layer {
  const char* name;
  std::int64_t in, out, kernel, stride;
  bool depthwise;
};
constexpr Layer kLayers[] = {
    {"a", kIn, 32, 3, 1, false}, {"b", 32, 64, 3, 2, false},  {"c", 64, 128, 1, 1, false},
    {"d", 128, 128, 3, 1, true}, {"e", 128, 64, 1, 1, false}, {"f", 64, 64, 3, 1, false},
};

std::string probe_model(bool quantised) {
  tiny::Graph graph;
  graph.opset = 13;
  graph.inputs = {tiny::port("x", tiny::kFloat, {1, kIn, kSide, kSide})};
  std::string from = "x";
  std::int64_t side = kSide, channels = kIn;
  std::uint32_t seed = 1;
  for (const Layer& layer : kLayers) {
    const std::string name = layer.name;
    const std::int64_t taps = (layer.depthwise ? 1 : layer.in) * layer.kernel * layer.kernel;
    const auto count = static_cast<std::size_t>(layer.out * taps);
    tiny::add_weights(graph, "w_" + name, {layer.out, taps / (layer.kernel * layer.kernel), layer.kernel, layer.kernel},
                      tiny::numbers(count, seed++, 2.0 / std::sqrt(static_cast<double>(taps))), quantised);
    graph.weights.push_back(
        tiny::weight("b_" + name, {layer.out}, tiny::numbers(static_cast<std::size_t>(layer.out), seed++, 0.1)));
    if (quantised) {
      tiny::add_quantised(graph, from, kStep);
      from += "_q";
    }
    const std::int64_t pad = layer.kernel / 2;
    graph.nodes.push_back(tiny::node(
        "Conv", {from, "w_" + name, "b_" + name}, {"c_" + name},
        {tiny::attribute("kernel_shape", {layer.kernel, layer.kernel}), tiny::attribute("pads", {pad, pad, pad, pad}),
         tiny::attribute("strides", {layer.stride, layer.stride}),
         tiny::integer_attribute("group", layer.depthwise ? layer.in : 1)}));
    from = "y_" + name;
    graph.nodes.push_back(tiny::node("Relu", {"c_" + name}, {from}));
    side /= layer.stride;
    channels = layer.out;
  }
  graph.outputs = {tiny::port(from, tiny::kFloat, {1, channels, side, side})};
  return tiny::model(graph);
}

struct Way {
  std::string backend;
  Precision precision;
  std::shared_ptr<Session> session;
};

// Null where it does not run, or in another precision.
std::shared_ptr<Session> load(const Backend& backend, Precision precision) {
  const std::string model = probe_model(precision == Precision::int8);
  try {
    auto session =
        load_to_measure({"the speed probe", std::as_bytes(std::span(model)), {}}, std::string(backend.name), precision);
    return session->info().precision == precision ? session : nullptr;
  } catch (const Error&) {
    return nullptr;
  }
}

std::vector<Way> load_ways() {
  std::vector<Way> ways;
  for (const Backend& backend : known_backends()) {
    if (backend.on_request) continue;
    for (const Precision precision : cpu_precisions()) {
      if (auto session = load(backend, precision)) ways.push_back({std::string(backend.name), precision, session});
    }
  }
  return ways;
}

}  // namespace

std::optional<double> SpeedProbe::ms(std::string_view backend, Precision precision) const {
  for (const ProbedSpeed& speed : speeds) {
    if (speed.backend == backend && speed.precision == precision) return speed.ms;
  }
  return std::nullopt;
}

std::optional<double> SpeedProbe::gain(std::string_view backend, Precision precision) const {
  const auto full = ms(backend, Precision::fp32), other = ms(backend, precision);
  return full && other ? std::optional(*full / *other) : std::nullopt;
}

std::optional<SpeedProbe> measure_speeds() {
  const auto began = Clock::now();
  std::vector<Way> ways = load_ways();
  if (ways.empty()) return std::nullopt;
  Tensor input({1, kIn, kSide, kSide}, ElementType::f32);
  const std::vector<float> values = tiny::numbers(static_cast<std::size_t>(input.size()), 99, 2.0);
  std::copy(values.begin(), values.end(), input.as<float>().begin());
  for (Way& way : ways) time_of(*way.session, input);  // the first inference of a session is slower

  std::optional<std::vector<double>> times;
  for (int attempt = 0; attempt < 2 && !times && Clock::now() - began < kLongestWhenBusy; ++attempt) {
    std::vector<std::vector<double>> rounds;
    const auto start = Clock::now();
    const double used = processor_ms();
    const auto time_is_left = [&] { return processor_ms() - used < kMeasuring && Clock::now() - start < kLongest; };
    while (rounds.size() < kMostRounds && (rounds.size() < kFewestRounds || time_is_left())) {
      std::vector<double>& round = rounds.emplace_back();
      for (Way& way : ways) round.push_back(time_of(*way.session, input));
    }
    times = steady_times(rounds);
  }
  if (!times) return std::nullopt;
  SpeedProbe probe;
  for (std::size_t i = 0; i < ways.size(); ++i)
    probe.speeds.push_back({ways[i].backend, ways[i].precision, (*times)[i]});
  return probe;
}

std::string speed_key() {
  std::string key = cpu_title() + ";";
  for (const std::string& flag : vector_instructions()) key += " " + flag;
  return key + backend_versions();
}

}  // namespace pixmill::runtime
