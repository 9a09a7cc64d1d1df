// pixmill devices: the available devices, and why the others are not.
#include "pixmill/runtime/devices.h"

#include <cstdio>
#include <optional>

#include "cli/commands/commands.h"
#include "cli/output/event_json.h"
#include "cli/output/machine_text.h"
#include "cli/output/terminal.h"
#include "pixmill/pipeline/speeds.h"
#include "pixmill/platform/cores.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {

namespace {

using pipeline::KeptSpeeds;
using Speeds = std::optional<KeptSpeeds>;

// Only the CPU is measured; "cpu" runs through both backends.
bool is_measured(const runtime::DeviceStatus& device) {
  return device.provider.starts_with("CPU") && (device.id == "cpu" || device.id == "openvino");
}

nlohmann::ordered_json speeds_json(const runtime::DeviceStatus& device, const Speeds& speeds) {
  if (!is_measured(device) || !device.available || !speeds) return nullptr;
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const runtime::ProbedSpeed& speed : speeds->probe.speeds) {
    if (device.id != "cpu" && speed.backend != device.backend) continue;
    const auto gain = speeds->probe.gain(speed.backend, speed.precision);
    json.push_back({{"backend", speed.backend}, {"precision", runtime::name_of(speed.precision)}, {"ms", speed.ms}});
    json.back()["of_fp32"] = gain ? nlohmann::ordered_json(*gain) : nullptr;
  }
  return json;
}

std::string precisions_text(const runtime::DeviceStatus& device, const Speeds& speeds) {
  if (is_measured(device) && speeds)
    return "measured: " + pipeline::text_of(speeds->probe, device.id == "cpu" ? "" : device.backend);
  std::string text = "has";
  for (const runtime::Precision precision : device.precisions) text += " " + std::string(runtime::name_of(precision));
  return text + (is_measured(device) ? "; not measured yet: `pixmill doctor` measures it" : "; not measured");
}

}  // namespace

int run_devices(const Invocation& invocation) {
  const std::vector<runtime::DeviceStatus> devices = runtime::devices();
  const std::vector<runtime::BackendStatus> backends = runtime::backends();
  const Speeds speeds = pipeline::find_speeds(platform::find_home());
  const std::string recommended = runtime::recommended_device();
  if (invocation.values.on("json")) {
    nlohmann::ordered_json json = {{"recommended", recommended}, {"cores", platform::usable_cores()}};
    for (const runtime::BackendStatus& backend : backends) {
      json["backends"].push_back(to_json(backend));
    }
    json["gpus"] = nlohmann::ordered_json::array();
    for (const runtime::Gpu& gpu : runtime::nvidia_gpus()) {
      json["gpus"].push_back({{"index", gpu.index},
                              {"name", gpu.name},
                              {"memory_bytes", gpu.memory_bytes},
                              {"compute_capability", gpu.compute_capability},
                              {"driver", gpu.driver}});
    }
    for (const runtime::DeviceStatus& device : devices) {
      nlohmann::ordered_json precisions = nlohmann::ordered_json::array();
      for (const runtime::Precision precision : device.precisions) precisions.push_back(runtime::name_of(precision));
      json["devices"].push_back({{"id", device.id},
                                 {"title", device.title},
                                 {"backend", device.backend},
                                 {"provider", device.provider},
                                 {"requirement", device.requirement},
                                 {"available", device.available},
                                 {"reason", device.reason},
                                 {"remedy", device.remedy},
                                 {"hardware", device.hardware},
                                 {"precisions", precisions},
                                 {"speeds", speeds_json(device, speeds)}});
    }
    std::puts(dump(json).c_str());
    return kAllGood;
  }
  for (const runtime::DeviceStatus& device : devices) {
    std::string line = device.available ? device.hardware : device.reason;
    if (device.available && !device.precisions.empty()) {
      line += (line.empty() ? "" : "; ") + precisions_text(device, speeds);
    }
    std::printf("%s %-14s %s\n                   %s\n", device.available ? "yes" : " no",
                (device.id + (device.id == recommended ? " *" : "")).c_str(), printable(device.title).c_str(),
                printable(line).c_str());
    if (!device.remedy.empty()) std::printf("                   -> %s\n", printable(device.remedy).c_str());
  }
  std::printf("\n* what --device auto takes\n");
  for (const runtime::BackendStatus& backend : backends) {
    std::printf("%-12s %s\n", backend.name.c_str(),
                printable(backend.version.empty() ? backend.reason : backend.version + "  " + backend.library).c_str());
    if (!backend.warning.empty()) std::printf("%-12s %s\n", "", printable(backend.warning).c_str());
  }
  return kAllGood;
}

}  // namespace pixmill::cli
