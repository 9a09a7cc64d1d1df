// The rows of runtimes and devices.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "measure/doctor/checks.h"

namespace pixmill::measure {
namespace {

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1g", value);
  return text;
}

// "right in fp32 (off by 6e-08), int8 (off by 0.01); the starter as on the CPU (off by 2e-06)"
std::string praise(const DeviceReport& report) {
  std::string text;
  for (const runtime::Precision precision : report.status.precisions) {
    double worst = -1;
    for (const SelfTest& self_test : report.self_tests) {
      if (self_test.model == "self-test" && self_test.asked == precision) worst = std::max(worst, self_test.error);
    }
    if (worst < 0) continue;
    text += (text.empty() ? "correct in " : ", ") + std::string(name_of(precision)) + " (off by " + number_text(worst) +
            ")";
  }
  for (const SelfTest& self_test : report.self_tests) {
    if (self_test.model == "self-test") continue;
    text += self_test.refused.empty() ? "; the starter as the CPU has it (off by " + number_text(self_test.error) + ")"
                                      : "; it cannot load the starter (" + self_test.refused + ")";
  }
  return text;
}

std::string what_of(const SelfTest& self_test) {
  return (self_test.model == "self-test" ? "" : self_test.model + " model, ") + std::string(name_of(self_test.asked)) +
         ", batch " + std::to_string(self_test.batch);
}

std::string advice(const DeviceReport& report) {
  const std::string without = report.status.id == "cpu" ? "--backend openvino, where it is there" : "--device cpu";
  return "do not use it: " + without + "; pixmill doctor --report FILE.txt gathers what a bug report needs";
}

// The first self-test for which `is` returns true; null without one.
template <typename Is>
const SelfTest* first(const DeviceReport& report, Is is) {
  const auto found = std::find_if(report.self_tests.begin(), report.self_tests.end(), is);
  return found == report.self_tests.end() ? nullptr : &*found;
}

}  // namespace

Finding check_backend(const runtime::BackendStatus& status) {
  Finding finding{.group = "Runtimes", .subject = status.name};
  if (!status.version.empty()) {
    finding.text = status.version;
    if (!status.library.empty()) finding.text += "  " + status.library;
    if (!status.origin.empty()) finding.text += " (" + status.origin + ")";
    if (status.warning.empty()) return finding;
    finding.health = Health::warning;
    finding.text += "; " + status.warning;
    finding.remedy = "pixmill runtimes list shows what there is to choose from";
    return finding;
  }
  const bool reference = status.name == "onnxruntime";
  finding.health = reference ? Health::problem : Health::absent;
  finding.text = status.reason;
  const char* named = std::getenv("ONNXRUNTIME_LIB");
  if (reference && named != nullptr && *named != '\0') {
    finding.remedy = "ONNXRUNTIME_LIB names " + std::string(named) + ": unset it, or name a working libonnxruntime";
  }
  return finding;
}

Finding check_device(const DeviceReport& report) {
  Finding finding{.group = "Devices", .subject = report.status.id};
  if (!report.crash.empty()) {
    finding.health = Health::problem;
    finding.text = report.crash;
    finding.remedy = advice(report);
    return finding;
  }
  if (!report.status.available) {
    finding.health = Health::absent;
    finding.text = report.status.reason;
    finding.remedy = report.status.remedy;
    return finding;
  }
  if (const SelfTest* wrong = first(report, [](const SelfTest& self_test) { return !self_test.trouble.empty(); })) {
    finding.health = Health::problem;
    finding.text = what_of(*wrong) + ": " + wrong->trouble;
    finding.remedy = wrong->asked == runtime::Precision::fp32
                         ? advice(report)
                         : "do not use it in " + std::string(name_of(wrong->asked)) + ": --precision fp32";
    return finding;
  }
  if (report.self_tests.empty()) {
    finding.text = "available, not tested: it does not read ONNX files";
    return finding;
  }
  finding.text = praise(report);
  if (const SelfTest* other =
          first(report, [](const SelfTest& self_test) { return self_test.ran != self_test.asked; })) {
    finding.health = Health::warning;
    finding.text +=
        "; " + std::string(name_of(other->asked)) + " was requested, " + std::string(name_of(other->ran)) + " ran";
    finding.remedy = "take --precision " + std::string(name_of(other->ran)) + " here";
  } else if (const SelfTest* back =
                 first(report, [](const SelfTest& self_test) { return self_test.nodes_on_cpu > 0; })) {
    finding.health = Health::warning;
    finding.text +=
        "; " + std::to_string(back->nodes_on_cpu) + " of " + std::to_string(back->nodes) + " nodes ran on the CPU";
    finding.remedy = "update the runtime or the driver: each transfer between the two costs time";
  }
  return finding;
}

Finding check_speeds(const std::optional<pipeline::KeptSpeeds>& speeds) {
  Finding finding{.group = "Devices", .subject = "speeds"};
  if (speeds) {
    finding.text =
        pipeline::text_of(speeds->probe) + " (a small network on one core of the CPU, measured " + speeds->date + ")";
    return finding;
  }
  finding.health = Health::warning;
  finding.text = "not measured: the times varied too much, or could not be saved; auto takes fp32";
  finding.remedy = "run it again when the machine is less busy";
  return finding;
}

}  // namespace pixmill::measure
