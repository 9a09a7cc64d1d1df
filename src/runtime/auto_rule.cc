#include "pixmill/runtime/auto_rule.h"

#include <algorithm>
#include <string_view>

#include "pixmill/core/error.h"
#include "pixmill/runtime/devices.h"
#include "pixmill/runtime/model_file.h"
#include "runtime/plan.h"

namespace pixmill::runtime {
namespace {

constexpr double kGain = 1.15;  // below that, other models than the probe's may well lose
// Between the backends models differ more: on a Zen 5 processor the probe's network has ONNX Runtime 1.5 times as fast
// as OpenVINO, nanodet 0.6 times. Backends that are closer in fp32 than this count as equal there.
constexpr double kApart = 2.0;
constexpr std::string_view kOnnxRuntime = "onnxruntime";
constexpr std::string_view kOpenVino = "openvino";

template <typename List, typename Value>
bool contains(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string usual_backend(const RuleInput& input) {
  const bool is_short = input.pictures > 0 && input.pictures < kShortJob;
  const std::string_view first = is_short || input.suits_onnxruntime ? kOnnxRuntime : kOpenVino;
  if (contains(input.backends, first)) return std::string(first);
  return input.backends.empty() ? "" : input.backends.front();
}

// The probe with both backends equally fast in fp32, unless they are far apart.
SpeedProbe comparable(SpeedProbe probe) {
  const auto first = probe.ms(kOnnxRuntime, Precision::fp32), second = probe.ms(kOpenVino, Precision::fp32);
  if (!first || !second || std::max(*first, *second) >= kApart * std::min(*first, *second)) return probe;
  for (ProbedSpeed& speed : probe.speeds) {
    if (speed.backend == kOpenVino) speed.ms *= *first / *second;
  }
  return probe;
}

// How many times as fast `other` is, by the probe; 0 where it does not say.
double speed_against(const SpeedProbe& probe, const RuleChoice& other, const RuleChoice& choice) {
  const auto theirs = probe.ms(other.backend, other.precision), ours = probe.ms(choice.backend, choice.precision);
  return theirs && ours ? *ours / *theirs : 0.0;
}

bool is_cpu(const Provider& provider) {
  return provider.name.starts_with("CPU");
}

// The backends of a plan that stays on the CPU; empty where another device comes first.
std::vector<std::string> cpu_backends(const Plan& plan) {
  std::vector<std::string> names;
  if (!is_cpu(*plan.candidates.front().provider)) return names;
  for (const Candidate& candidate : plan.candidates) {
    const std::string_view backend = candidate.provider->backend;
    if (is_cpu(*candidate.provider) && (backend == kOnnxRuntime || backend == kOpenVino)) names.emplace_back(backend);
  }
  return names;
}

Precision first_native(const SessionOptions& options, const std::vector<std::string>& good) {
  for (const Precision precision : {Precision::bf16, Precision::fp16}) {
    if (!contains(good, name_of(precision))) continue;
    SessionOptions asked = options;
    asked.precision = precision;
    if (contains(make_plan(asked).candidates.front().precisions, precision)) return precision;
  }
  return Precision::fp32;
}

RuleInput input_for(const ModelSource& model, const SessionOptions& options, const std::vector<std::string>& good,
                    std::int64_t pictures) {
  const ModelFile file = read_model_file(model);
  RuleInput input;
  input.quantised = file.precision == Precision::int8 || options.precision == Precision::int8;
  input.integer_operators = file.integer_operators;
  input.suits_onnxruntime = file.integer_operators && !file.signed_integers;
  input.pictures = pictures;
  if (options.precision != Precision::automatic) return input;
  for (const Precision precision : {Precision::bf16, Precision::fp16, Precision::int8}) {
    if (contains(good, name_of(precision))) input.good.push_back(precision);
  }
  return input;
}

bool is_half(Precision precision) {
  return precision == Precision::bf16 || precision == Precision::fp16;
}

}  // namespace

RuleChoice choose_on_cpu(const SpeedProbe& measured, const RuleInput& input) {
  const SpeedProbe probe = comparable(measured);
  RuleChoice choice{usual_backend(input)};
  const bool is_short = input.pictures > 0 && input.pictures < kShortJob;
  // What of the probe stands for the file as it is.
  RuleChoice best{choice.backend, input.quantised ? Precision::int8 : Precision::fp32};
  for (const std::string& backend : input.backends) {
    if (input.integer_operators || (is_short && backend == kOpenVino)) continue;
    if (speed_against(probe, {backend, best.precision}, best) >= kGain) best.backend = choice.backend = backend;
  }
  if (input.quantised) return choice;
  for (const Precision precision : {Precision::bf16, Precision::fp16, Precision::int8}) {
    if (!contains(input.good, precision)) continue;
    RuleChoice lower;
    for (const std::string& backend : input.backends) {
      const RuleChoice other{backend, precision};
      if (!probe.ms(backend, precision)) continue;
      const bool better = is_short ? backend == kOnnxRuntime : speed_against(probe, other, lower) > 1.0;
      if (lower.backend.empty() || better) lower = other;
    }
    if (speed_against(probe, lower, best) >= kGain) choice = best = lower;
  }
  return choice;
}

bool asks_probe(const SessionOptions& options) {
  if (options.precision != Precision::automatic && (options.backend != "auto" || is_half(options.precision)))
    return false;
  try {
    SessionOptions asked = options;
    asked.precision = Precision::fp32;
    return !cpu_backends(make_plan(asked)).empty();
  } catch (const Error&) {
    return false;
  }
}

SessionOptions choose_by_rule(const ModelSource& model, SessionOptions options, const std::vector<std::string>& good,
                              std::int64_t pictures, const SpeedProbe& probe) {
  const bool open = options.precision == Precision::automatic;
  const auto settle = [&](Precision precision) {
    if (open) options.precision = precision;
    return options;
  };
  if (is_half(options.precision)) return options;  // one backend alone has it on the CPU
  try {
    SessionOptions asked = options;
    if (open) asked.precision = Precision::fp32;
    const Plan plan = make_plan(asked);
    if (!is_cpu(*plan.candidates.front().provider)) return settle(open ? first_native(options, good) : Precision::fp32);
    RuleInput input = input_for(model, options, good, pictures);
    input.backends = cpu_backends(plan);
    if (input.backends.empty() || read_model_file(model).format != FileFormat::onnx) return settle(Precision::fp32);
    const RuleChoice choice = choose_on_cpu(probe, input);
    const bool both = options.backend == "auto" && (options.device == "auto" || options.device == "cpu");
    if (both) options.prefer = choice.backend == kOpenVino ? "openvino" : "cpu";
    return settle(choice.precision);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::no_device && error.code() != ErrorCode::usage) throw;
    return settle(Precision::fp32);
  }
}

}  // namespace pixmill::runtime
