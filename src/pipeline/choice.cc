#include "pixmill/pipeline/choice.h"

#include <algorithm>
#include <optional>

#include "pixmill/core/error.h"
#include "pixmill/pipeline/speeds.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/auto_rule.h"
#include "pixmill/runtime/devices.h"
#include "pixmill/runtime/model_file.h"

namespace pixmill::pipeline {
namespace {

using runtime::Precision;

constexpr std::string_view kInt8 = "int8";

bool is_good(Precision precision, const models::ModelCard& card) {
  const auto& good = card.runtime.precision;
  return precision == Precision::fp32 || std::find(good.begin(), good.end(), name_of(precision)) != good.end();
}

runtime::ModelSource source_of(const models::ResolvedModel& model) {
  return {model.name, model.data.bytes(), model.content_hash};
}

runtime::SessionOptions with_card(runtime::SessionOptions options, const models::ModelCard& card) {
  options.deny.insert(options.deny.end(), card.runtime.deny.begin(), card.runtime.deny.end());
  return options;
}

// `options` running `setup`, or nothing where they ask for something else.
std::optional<runtime::SessionOptions> fitted(runtime::SessionOptions options, const Setup& setup,
                                              const models::ModelCard& card) {
  if (options.precision == Precision::automatic ? !is_good(setup.precision, card)
                                                : options.precision != setup.precision)
    return std::nullopt;
  options.precision = setup.precision;
  options.prefer = setup.device;
  if (options.streams == 0 && options.threads == 0) {
    options.streams = setup.streams;
    options.threads = setup.threads;
  }
  try {
    if (runtime::first_provider(options) == setup.device) return options;
  } catch (const Error&) {  // loading with what was requested throws the reason
  }
  return std::nullopt;
}

// The shape of one picture, for a model with one input in floating point; empty for others.
std::vector<std::int64_t> one_picture(const ModelSignature& signature, const models::InputSpec& input) {
  if (signature.inputs.size() != 1) return {};
  const Port& port = signature.inputs.front();
  if (port.type != ElementType::f32 || port.shape.size() != 4) return {};
  const std::int64_t channels = input.color == models::Color::luma ? 1 : 3;
  const std::int64_t width = input.size.width, height = input.size.height;
  std::vector<std::int64_t> shape = input.planar ? std::vector<std::int64_t>{1, channels, height, width}
                                                 : std::vector<std::int64_t>{1, height, width, channels};
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (port.shape[i] > 0) shape[i] = port.shape[i];
    if (shape[i] <= 0) return {};
  }
  return shape;
}

}  // namespace

Choice choose(const platform::Home& home, const models::ResolvedModel& model, const runtime::SessionOptions& asked,
              int batch, std::int64_t pictures) {
  const FoundTuning found = find_tuning(home, model.content_hash);
  const runtime::SessionOptions options = with_card(asked, model.card);
  if (found.tuning) {
    for (const TunedSetup& tuned : found.tuning->setups) {
      if (tuned.setup.precision == Precision::int8 && !good_int8_variant(home, model)) continue;
      if (auto session = fitted(options, tuned.setup, model.card))
        return {*session, batch > 0 ? batch : tuned.setup.batch, found.tuning->date};
    }
  }
  runtime::SpeedProbe probe;
  const bool is_short = pictures > 0 && pictures < runtime::kShortJob;
  if (runtime::asks_probe(options)) {
    if (auto speeds = is_short ? find_speeds(home) : known_speeds(home)) probe = std::move(speeds->probe);
  }
  Choice choice = choose_by_rule(home, model, asked, batch, pictures, probe);
  if (!is_short && !probe.speeds.empty()) prefer_measured_backend(home, model, asked, choice);
  choice.warning = found.warning;
  return choice;
}

Choice choose_by_rule(const platform::Home& home, const models::ResolvedModel& model,
                      const runtime::SessionOptions& asked, int batch, std::int64_t pictures,
                      const runtime::SpeedProbe& probe) {
  std::vector<std::string> good = model.card.runtime.precision;
  if (std::find(good.begin(), good.end(), kInt8) != good.end() && !good_int8_variant(home, model))
    std::erase(good, kInt8);
  return {runtime::choose_by_rule(source_of(model), with_card(asked, model.card), good, pictures, probe), batch};
}

void prefer_measured_backend(const platform::Home& home, const models::ResolvedModel& model,
                             const runtime::SessionOptions& asked, Choice& choice) {
  const bool open = asked.backend == "auto" && (asked.device == "auto" || asked.device == "cpu");
  const std::string& rule = choice.session.prefer;
  if (!open || choice.session.precision != Precision::fp32 || (rule != "openvino" && rule != "cpu")) return;
  const runtime::ModelSource source = source_of(model);
  const runtime::ModelFile file = runtime::read_model_file(source);
  if (file.format != runtime::FileFormat::onnx || file.integer_operators) return;
  const std::vector<std::int64_t> shape = one_picture(file.signature, model.card.input);
  if (shape.empty()) return;
  const std::string backend = known_backend(home, source, shape);
  if (!backend.empty()) choice.session.prefer = backend == "openvino" ? "openvino" : "cpu";
}

std::optional<models::ResolvedModel> good_int8_variant(const platform::Home& home, const models::ResolvedModel& model) {
  if (model.card.variant || !is_good(Precision::int8, model.card)) return std::nullopt;
  const models::ModelStore store(home.models);
  const std::optional<models::StoreEntry> entry = store.find_variant(model, kInt8);
  if (!entry || entry->card.variant->loss > entry->card.variant->tolerance) return std::nullopt;
  return store.variant(model, kInt8);
}

runtime::SessionOptions options_for(const Setup& setup, const models::ModelCard& card) {
  runtime::SessionOptions options;
  options.backend = setup.backend;
  options.device = setup.device;
  options.precision = setup.precision;
  options.streams = setup.streams;
  options.threads = setup.threads;
  options.require_device = true;
  return with_card(options, card);
}

}  // namespace pixmill::pipeline
