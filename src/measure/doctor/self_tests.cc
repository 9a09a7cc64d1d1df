#include "measure/doctor/self_tests.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "pixmill/core/error.h"
#include "pixmill/measure/subject.h"
#include "pixmill/pipeline/speeds.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/self_test_model.h"
#include "pixmill/runtime/setup.h"

namespace pixmill::measure {
namespace {

using Json = nlohmann::json;
using Print = std::function<void(const std::string& line)>;

constexpr std::string_view kStarter = "starter";
constexpr double kStarterTolerance = 0.001;  // of a matte from 0 to 1, fp32 against fp32

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  return text;
}

runtime::SessionOptions options_for(const runtime::DeviceStatus& device, runtime::Precision precision) {
  return {.backend = device.backend,
          .device = device.id,
          .precision = precision,
          .streams = 1,
          .threads = 1,
          .require_device = true};
}

void note_session(SelfTest& self_test, const runtime::SessionInfo& info) {
  self_test.ran = info.precision;
  for (const auto& [provider, nodes] : info.placement) {
    self_test.nodes += nodes;
    if (provider == "CPUExecutionProvider" && info.device != "cpu") self_test.nodes_on_cpu += nodes;
  }
}

// `self-test` says which model, precision and batch; `run` answers and fills in the rest, or throws.
template <typename Run>
void attempt(const Print& print, SelfTest self_test, const Run& run) {
  print(line_of_step(self_test.model + " model, " + std::string(name_of(self_test.asked)) + ", batch " +
                     std::to_string(self_test.batch)));
  try {
    run(self_test);
  } catch (const Error& error) {
    const bool only_refused = error.code() == ErrorCode::bad_model && self_test.model == kStarter;
    (only_refused ? self_test.refused : self_test.trouble) = error.message();
  }
  print(line_of_self_test(self_test));
}

void try_precision(const runtime::DeviceStatus& device, runtime::Precision precision, const Print& print) {
  const std::string model = runtime::self_test_model(precision);
  std::shared_ptr<runtime::Session> session;
  for (const int batch : {1, 2}) {
    const double tolerance = runtime::self_test_tolerance(precision);
    attempt(print, {.model = "self-test", .asked = precision, .ran = precision, .batch = batch, .tolerance = tolerance},
            [&](SelfTest& self_test) {
              if (!session) {
                session = load_session({"the self-test model", std::as_bytes(std::span(model)), {}},
                                       options_for(device, precision));
              }
              const Tensor input = runtime::self_test_input(batch);
              const std::vector<Tensor> answers = session->run({&input, 1});
              note_session(self_test, session->info());
              judge(self_test, answers.front(), runtime::self_test_answer(input));
            });
    if (!session) return;  // it would fail again for the same reason
  }
}

// The built-in model on a drawn picture, against ONNX Runtime on the CPU.
void try_starter(const runtime::DeviceStatus& device, const platform::Home& home, const Print& print) {
  attempt(print, {.model = std::string(kStarter), .tolerance = kStarterTolerance}, [&](SelfTest& self_test) {
    const Subject subject = load_subject(std::string(kStarter), {}, 1, home);
    const auto answer_of = [&](const runtime::SessionOptions& options) {
      const auto session = load_session(subject.source(), options);
      note_session(self_test, session->info());
      return std::move(session->run({subject.inputs.data(), 1}, subject.wanted).front());
    };
    const Tensor expected = answer_of({.backend = "onnxruntime", .device = "cpu", .streams = 1, .threads = 1});
    self_test.nodes = self_test.nodes_on_cpu = 0;
    judge(self_test, answer_of(options_for(device, runtime::Precision::fp32)), expected);
  });
}

// What is tried here is neither taken out of the cache of compiled models nor left there.
void compile_anew() {
  runtime::Setup setup = runtime::current_setup();
  setup.engines.clear();
  runtime::set_up(std::move(setup));
}

// Text of other makers' libraries may be in any encoding.
std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

runtime::Precision precision_of(const Json& json) {
  return runtime::precision_from(json.get<std::string>()).value_or(runtime::Precision::fp32);
}

void take_device(const Json& json, DeviceReport& report) {
  report.status.available = json.at("available");
  report.status.reason = json.at("reason");
  report.status.remedy = json.at("remedy");
  report.status.hardware = json.at("hardware");
  for (const Json& precision : json.at("precisions")) report.status.precisions.push_back(precision_of(precision));
  const Json& backend = json.at("backend");
  report.backend = {.name = backend.at("name"),
                    .version = backend.at("version"),
                    .library = backend.at("library"),
                    .reason = backend.at("reason"),
                    .origin = backend.at("origin"),
                    .warning = backend.at("warning")};
}

SelfTest self_test_from(const Json& json) {
  return {.model = json.at("model"),
          .asked = precision_of(json.at("asked")),
          .ran = precision_of(json.at("ran")),
          .batch = json.at("batch"),
          .error = json.at("error"),
          .tolerance = json.at("tolerance"),
          .nodes = json.at("nodes"),
          .nodes_on_cpu = json.at("nodes_on_cpu"),
          .trouble = json.at("trouble"),
          .refused = json.at("refused")};
}

}  // namespace

void judge(SelfTest& self_test, const Tensor& answer, const Tensor& expected) {
  if (answer.shape() != expected.shape() || answer.type() != ElementType::f32) {
    self_test.trouble = "the output has another shape or type than the model declares";
    return;
  }
  const std::span<const float> got = answer.as<float>();
  const std::span<const float> wanted = expected.as<float>();
  const auto broken = std::count_if(got.begin(), got.end(), [](float value) { return !std::isfinite(value); });
  if (broken > 0) {
    self_test.trouble = std::to_string(broken) + " of " + std::to_string(got.size()) + " values are not numbers (NaN)";
    return;
  }
  self_test.error = std::transform_reduce(
      got.begin(), got.end(), wanted.begin(), 0.0, [](double a, double b) { return std::max(a, b); },
      [](float a, float b) { return std::abs(double{a} - b); });
  if (self_test.error <= self_test.tolerance) return;
  const auto [least, most] = std::minmax_element(got.begin(), got.end());
  self_test.trouble = *least == *most ? "the output is the same number everywhere"
                                      : "the output is off by " + number_text(self_test.error) + ", the tolerance is " +
                                            number_text(self_test.tolerance);
}

void run_self_tests(const std::string& device, const platform::Home& home, const Print& print) {
  if (device == kSpeeds) return static_cast<void>(pipeline::known_speeds(home));
  compile_anew();
  print(line_of_step("looking for it"));
  DeviceReport report{.status = runtime::device_status(device), .backend = {}};
  report.backend = runtime::backend_status(report.status.backend);
  print(line_of_device(report));
  if (!report.status.available || report.status.backend == "libtorch") return;  // that one reads TorchScript only
  for (const runtime::Precision precision : report.status.precisions) try_precision(report.status, precision, print);
  if (device != "cpu") try_starter(report.status, home, print);
}

std::string line_of_device(const DeviceReport& report) {
  Json precisions = Json::array();
  for (const runtime::Precision precision : report.status.precisions) precisions.push_back(name_of(precision));
  return line_of({{"device",
                   {{"available", report.status.available},
                    {"reason", report.status.reason},
                    {"remedy", report.status.remedy},
                    {"hardware", report.status.hardware},
                    {"precisions", precisions},
                    {"backend",
                     {{"name", report.backend.name},
                      {"version", report.backend.version},
                      {"library", report.backend.library},
                      {"reason", report.backend.reason},
                      {"origin", report.backend.origin},
                      {"warning", report.backend.warning}}}}}});
}

std::string line_of_self_test(const SelfTest& self_test) {
  return line_of({{"self_test",
                   {{"model", self_test.model},
                    {"asked", name_of(self_test.asked)},
                    {"ran", name_of(self_test.ran)},
                    {"batch", self_test.batch},
                    {"error", self_test.error},
                    {"tolerance", self_test.tolerance},
                    {"nodes", self_test.nodes},
                    {"nodes_on_cpu", self_test.nodes_on_cpu},
                    {"trouble", self_test.trouble},
                    {"refused", self_test.refused}}}});
}

std::string line_of_step(std::string_view doing) {
  return line_of({{"step", doing}});
}

void take_line(std::string_view line, DeviceReport& report, std::string& step) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return;
  try {
    if (json.contains("step")) step = json["step"].get<std::string>();
    if (json.contains("device")) take_device(json["device"], report);
    if (json.contains("self_test")) report.self_tests.push_back(self_test_from(json["self_test"]));
  } catch (const Json::exception&) {
    return;  // no line of ours, whatever it looks like
  }
}

}  // namespace pixmill::measure
