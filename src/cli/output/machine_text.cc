#include "cli/output/machine_text.h"

#include "pixmill/core/bytes_text.h"
#include "pixmill/platform/cores.h"

namespace pixmill::cli {
namespace {

void add(std::string& list, const std::string& part, std::string_view between) {
  if (!list.empty()) list += between;
  list += part;
}

std::string processor_text(const measure::Processor& processor) {
  std::string text = processor.name + ", " + std::to_string(processor.usable_cores);
  if (processor.usable_cores < processor.logical_cores) text += " of " + std::to_string(processor.logical_cores);
  text += processor.logical_cores == 1 ? " core" : " cores";
  std::string features;
  for (const std::string& feature : processor.features) add(features, feature, ", ");
  return features.empty() ? text : text + " (" + features + ")";
}

}  // namespace

nlohmann::ordered_json to_json(const runtime::BackendStatus& backend) {
  return {{"name", backend.name},     {"version", backend.version},     {"library", backend.library},
          {"origin", backend.origin}, {"providers", backend.providers}, {"reason", backend.reason},
          {"remedy", backend.remedy}, {"warning", backend.warning}};
}

nlohmann::ordered_json to_json(const measure::Machine& machine) {
  nlohmann::ordered_json json = {{"pixmill", machine.pixmill_version},
                                 {"operating_system", machine.operating_system},
                                 {"kernel", machine.kernel},
                                 {"container", machine.container},
                                 {"processor",
                                  {{"name", machine.processor.name},
                                   {"physical_cores", machine.processor.physical_cores},
                                   {"logical_cores", machine.processor.logical_cores},
                                   {"affinity_cores", machine.processor.affinity_cores},
                                   {"quota", machine.processor.quota},
                                   {"usable_cores", machine.processor.usable_cores},
                                   {"features", machine.processor.features}}},
                                 {"memory",
                                  {{"total_bytes", machine.memory.total_bytes},
                                   {"available_bytes", machine.memory.available_bytes},
                                   {"limit_bytes", machine.memory.limit_bytes}}},
                                 {"gpus", machine.gpus},
                                 {"libvips", machine.libvips_version}};
  json["formats"] = nlohmann::ordered_json::object();
  for (const codecs::FormatSupport& row : machine.formats) {
    json["formats"][std::string(name_of(row.format))] = {{"read", row.read}, {"write", row.write}};
  }
  json["backends"] = nlohmann::ordered_json::array();
  for (const runtime::BackendStatus& backend : machine.backends) {
    json["backends"].push_back(to_json(backend));
  }
  json["folders"] = nlohmann::ordered_json::array();
  for (const measure::Folder& folder : machine.folders) {
    json["folders"].push_back({{"purpose", folder.purpose},
                               {"path", folder.path.string()},
                               {"free_bytes", folder.free_bytes},
                               {"obstacle", folder.obstacle}});
  }
  return json;
}

std::string text_of(const measure::Machine& machine) {
  std::string gpus;
  for (const std::string& gpu : machine.gpus) add(gpus, gpu, ", ");
  std::string software = "pixmill " + machine.pixmill_version;
  for (const runtime::BackendStatus& backend : machine.backends) {
    if (!backend.version.empty()) add(software, backend.name + " " + backend.version, ", ");
  }
  add(software, "libvips " + machine.libvips_version, ", ");
  return processor_text(machine.processor) + "; " + bytes_text(machine.memory.usable_bytes()) + " memory; " +
         (gpus.empty() ? "no GPU" : gpus) + "; " + machine.operating_system + ", " + machine.kernel +
         (machine.container.empty() ? "" : ", in a container (" + machine.container + ")") + "; " + software;
}

}  // namespace pixmill::cli
