#include "pixmill/measure/doctor.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "measure/doctor/checks.h"
#include "measure/doctor/self_tests.h"
#include "measure/machine_facts.h"
#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/platform/child.h"

namespace pixmill::measure {
namespace {

// TensorRT compiles for minutes where it is slow.
constexpr std::chrono::minutes kSelfTestLimit{3};

DeviceReport try_device(const std::string& id, const DoctorOptions& options) {
  DeviceReport report;
  report.status.id = id;
  std::string step = "starting";
  std::vector<std::string> words = options.self_test_command;
  words.push_back(id);
  const platform::ChildOptions child = {.on_line = [&](std::string_view line) { take_line(line, report, step); },
                                        .stop = options.stop,
                                        .limit = kSelfTestLimit};
  const platform::ChildResult result = platform::run_child(words, child);
  if (result.stopped) throw Error(ErrorCode::interrupted, "interrupted");
  if (!result.good()) {
    report.crash = "the process that tested it ended with " + platform::ending_of(result, child) + " while " + step;
    if (const std::string words_of_it = last_line(result.errors); !words_of_it.empty())
      report.crash += ": " + words_of_it;
  }
  return report;
}

std::vector<std::string> chosen_devices(const std::string& only) {
  std::vector<std::string> ids = runtime::device_ids();
  if (only.empty()) return ids;
  if (std::find(ids.begin(), ids.end(), only) == ids.end()) {
    throw Error(ErrorCode::usage, "there is no device '" + only + "'", suggestion(only, ids));
  }
  return {only};
}

// Each runtime that a device reported, once.
std::vector<runtime::BackendStatus> backends_of(const std::vector<DeviceReport>& devices) {
  std::vector<runtime::BackendStatus> all;
  for (const DeviceReport& report : devices) {
    const auto same = [&](const runtime::BackendStatus& status) { return status.name == report.backend.name; };
    if (!report.backend.name.empty() && std::none_of(all.begin(), all.end(), same)) all.push_back(report.backend);
  }
  return all;
}

std::int64_t program_made() {
  struct stat facts {};
  return ::stat("/proc/self/exe", &facts) == 0 ? facts.st_mtime : 0;
}

std::uint64_t open_files_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
}

// What is kept, else what a process of its own measures now.
Finding examine_speeds(const DoctorOptions& options) {
  auto speeds = pipeline::find_speeds(options.home);
  if (!speeds) {
    if (options.on_device) options.on_device(kSpeeds);
    std::vector<std::string> words = options.self_test_command;
    words.emplace_back(kSpeeds);
    if (platform::run_child(words, {.stop = options.stop, .limit = kSelfTestLimit}).stopped)
      throw Error(ErrorCode::interrupted, "interrupted");
    speeds = pipeline::find_speeds(options.home);
  }
  return check_speeds(speeds);
}

std::vector<Finding> findings_of(const Diagnosis& diagnosis, const DoctorOptions& options) {
  const Machine& machine = diagnosis.machine;
  std::vector<Finding> all = check_processor(machine.processor, machine.container);
  all.push_back(check_memory(machine.memory));
  all.push_back(check_clock(std::time(nullptr), program_made()));
  all.push_back(check_open_files(open_files_limit()));
  for (const Folder& folder : machine.folders) all.push_back(check_folder(folder));
  all.push_back(check_models(options.home.models));
  all.push_back(check_catalogue(options.home));
  const std::vector<Finding> formats = check_formats(machine.libvips_version, machine.formats);
  all.insert(all.end(), formats.begin(), formats.end());
  for (const runtime::BackendStatus& backend : machine.backends) all.push_back(check_backend(backend));
  for (const DeviceReport& report : diagnosis.devices) all.push_back(check_device(report));
  const bool none = std::none_of(diagnosis.devices.begin(), diagnosis.devices.end(),
                                 [](const DeviceReport& report) { return report.status.available; });
  if (!none && options.device.empty()) all.push_back(examine_speeds(options));
  if (none && options.device.empty()) {
    all.push_back({.group = "Devices",
                   .subject = "none",
                   .health = Health::problem,
                   .text = "no runtime here can run a model",
                   .remedy = "install a runtime: scripts/setup.sh fetches ONNX Runtime"});
  }
  return all;
}

}  // namespace

int Diagnosis::count(Health health) const {
  return static_cast<int>(std::count_if(findings.begin(), findings.end(),
                                        [&](const Finding& finding) { return finding.health == health; }));
}

Diagnosis examine(const DoctorOptions& options) {
  const std::vector<std::string> ids = chosen_devices(options.device);
  Diagnosis diagnosis{.machine = describe_host(options.home, options.output)};
  for (const std::string& id : ids) {
    if (options.on_device) options.on_device(id);
    diagnosis.devices.push_back(try_device(id, options));
  }
  diagnosis.machine.backends = backends_of(diagnosis.devices);
  diagnosis.findings = findings_of(diagnosis, options);
  return diagnosis;
}

}  // namespace pixmill::measure
