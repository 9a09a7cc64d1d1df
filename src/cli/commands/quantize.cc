// pixmill quantize: an int8 variant of a model, with its loss and speed.
#include "pixmill/measure/quantize.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "cli/commands/commands.h"
#include "cli/output/event_json.h"
#include "cli/output/live_line.h"
#include "cli/output/terminal.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace {

using Json = nlohmann::ordered_json;
using measure::QuantizeOptions;
using measure::QuantizeResult;
using measure::QuantizeStep;
using models::VariantSpec;

// One live line on a terminal; elsewhere a line whenever something new begins.
class StepPrinter {
 public:
  explicit StepPrinter(bool quiet) : quiet_(quiet), line_(!quiet) {}

  void operator()(const QuantizeStep& step) {
    if (quiet_) return;
    if (!line_.live()) {
      if (step.what != last_) std::fprintf(stderr, "%s\n", printable(step.what).c_str());
      last_ = step.what;
      return;
    }
    std::string line = step.what;
    if (step.of > 0) line += " " + std::to_string(step.done) + "/" + std::to_string(step.of);
    if (!step.detail.empty()) line += ": " + step.detail;
    line_.show(line);
  }

  void clear() { line_.clear(); }

 private:
  bool quiet_;
  LiveLine line_;
  std::string last_;
};

QuantizeOptions options_of(const Invocation& invocation) {
  const Values& values = invocation.values;
  if (invocation.arguments.size() != 1) {
    throw Error(ErrorCode::usage,
                invocation.arguments.empty() ? "quantize: no model was named" : "quantize: one model at a time",
                "pixmill quantize u2netp --with photos/");
  }
  if (values.texts("with").empty()) {
    throw Error(ErrorCode::usage, "quantize: --with is missing: it names the calibration pictures",
                "pixmill quantize " + invocation.arguments.front() + " --with photos/");
  }
  QuantizeOptions options{.model = invocation.arguments.front(), .calibration = values.texts("with")};
  options.check = values.texts("check");
  options.masks = values.text("masks");
  options.limit = static_cast<int>(values.integer("limit"));
  if (values.has("tolerance")) options.tolerance = values.real("tolerance");
  if (values.has("in-float")) options.in_float = static_cast<int>(values.integer("in-float"));
  options.seconds = values.real("seconds", options.seconds);
  options.force = values.on("force");
  options.id = values.text("id");
  options.python = values.text("python");
  options.stop = &interrupted();
  return options;
}

Json to_json(const QuantizeResult& result) {
  const VariantSpec& variant = *result.card.variant;
  Json json = {{"id", result.card.id},           {"of", variant.of},
               {"stored", result.stored},        {"path", result.path.string()},
               {"metric", variant.metric},       {"loss", variant.loss},
               {"tolerance", variant.tolerance}, {"pictures", variant.pictures},
               {"layers", variant.layers},       {"in_float", variant.in_float},
               {"bytes", result.bytes},          {"base_bytes", result.base_bytes},
               {"speed", Json::array()},         {"trials", Json::array()},
               {"worst_layers", result.worst},   {"notes", result.notes}};
  if (!variant.truth.empty()) json["truth_iou"] = {{"base", variant.truth[0]}, {"variant", variant.truth[1]}};
  for (const VariantSpec::Speed& speed : variant.speed) {
    json["speed"].push_back({{"backend", speed.backend}, {"base", speed.base}, {"variant", speed.variant}});
  }
  for (const measure::QuantizeTrial& trial : result.trials) {
    json["trials"].push_back({{"in_float", trial.in_float}, {"loss", trial.loss}, {"good", trial.good}});
  }
  return json;
}

double gain(const VariantSpec::Speed& speed) {
  return speed.base > 0 ? speed.variant / speed.base : 0.0;
}

void print(const QuantizeResult& result) {
  const VariantSpec& variant = *result.card.variant;
  std::printf("%s, made from %s: %d of %d layers in int8", printable(result.card.id).c_str(),
              printable(variant.of).c_str(), variant.layers - variant.in_float, variant.layers);
  std::printf(", %s instead of %s\n\n", bytes_text(result.bytes).c_str(), bytes_text(result.base_bytes).c_str());
  std::printf("  %-14s %8s\n", "LAYERS IN FLOAT", "LOSS");
  for (const measure::QuantizeTrial& trial : result.trials) {
    std::printf("%s %-14d %9.4f  %s\n", trial.in_float == variant.in_float ? "*" : " ", trial.in_float, trial.loss,
                trial.good ? "within the tolerance" : "above the tolerance");
  }
  std::printf("\nLoss: %s, over %d pictures; tolerance %g.\n", variant.metric.c_str(), variant.pictures,
              variant.tolerance);
  if (!variant.truth.empty()) {
    std::printf("IoU with the true masks: %.4f in fp32, %.4f in int8.\n", variant.truth[0], variant.truth[1]);
  }
  if (variant.in_float > 0 && !result.worst.empty()) {
    const std::size_t count = std::min(result.worst.size(), static_cast<std::size_t>(variant.in_float));
    std::printf("Left in float:");
    for (std::size_t i = 0; i < count; ++i) std::printf("%s %s", i > 0 ? "," : "", printable(result.worst[i]).c_str());
    if (static_cast<int>(count) < variant.in_float) std::printf(", ...");
    std::printf("\n");
  }
  std::printf("\n  %-14s %10s %10s %7s\n", "BACKEND", "FP32", "INT8", "GAIN");
  for (const VariantSpec::Speed& speed : variant.speed) {
    std::printf("  %-14s %10.1f %10.1f %6.2fx\n", speed.backend.c_str(), speed.base, speed.variant, gain(speed));
  }
  std::printf("  Pictures per second, bare model, on this machine.\n\n");
}

// The next step, or why nothing was saved.
void print_end(const QuantizeResult& result) {
  const VariantSpec& variant = *result.card.variant;
  for (const std::string& note : result.notes) std::fprintf(stderr, "note: %s\n", printable(note).c_str());
  if (!result.stored) {
    char message[256];
    std::snprintf(message, sizeof message, "%s was not saved: its loss is %.4f, above the tolerance of %g (%s)",
                  printable(result.card.id).c_str(), variant.loss, variant.tolerance, variant.metric.c_str());
    complain(
        Error(ErrorCode::bad_model, message,
              "calibrate with more pictures of the right kind, raise --tolerance, or save it anyway with --force"));
    return;
  }
  const bool slower = std::none_of(variant.speed.begin(), variant.speed.end(),
                                   [](const VariantSpec::Speed& speed) { return gain(speed) > 1.05; });
  if (slower) std::fprintf(stderr, "note: it is no faster than fp32 on this machine\n");
  std::fprintf(stderr, "saved as %s: --model %s, or --model %s --precision int8\n", printable(result.card.id).c_str(),
               printable(result.card.id).c_str(), printable(variant.of).c_str());
}

}  // namespace

int run_quantize(const Invocation& invocation) {
  QuantizeOptions options = options_of(invocation);
  const bool json = invocation.values.on("json");
  StepPrinter printer(json);
  options.progress = [&](const QuantizeStep& step) { printer(step); };
  const QuantizeResult result = measure::quantize(options, platform::find_home());
  printer.clear();
  if (json) {
    std::puts(dump(to_json(result)).c_str());
  } else {
    print(result);
    std::fflush(stdout);
  }
  print_end(result);
  return result.stored ? kAllGood : kSomeFailed;
}

}  // namespace pixmill::cli
