// pixmill devices: what is there, and why the rest is not.
#include "pixmill/runtime/devices.h"

#include <cstdio>

#include "cli/commands/commands.h"
#include "cli/output/event_json.h"
#include "cli/output/machine_text.h"
#include "cli/output/terminal.h"
#include "pixmill/platform/cores.h"

namespace pixmill::cli {

int run_devices(const Invocation& invocation) {
  const std::vector<runtime::DeviceStatus> devices = runtime::devices();
  const std::vector<runtime::BackendStatus> backends = runtime::backends();
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
                                 {"precisions", precisions}});
    }
    std::puts(dump(json).c_str());
    return kAllGood;
  }
  for (const runtime::DeviceStatus& device : devices) {
    std::string line = device.available ? device.hardware : device.reason;
    if (device.available && !device.precisions.empty()) {
      line += line.empty() ? "fast in" : "; fast in";
      for (const runtime::Precision precision : device.precisions)
        line += " " + std::string(runtime::name_of(precision));
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
