#include "cli/output/ports.h"

#include <cstdio>
#include <cstring>

#include "cli/output/terminal.h"
#include "cli/output/text.h"

namespace pixmill::cli {

using Json = nlohmann::ordered_json;

Json to_json(const Port& port) {
  Json shape = Json::array();
  for (std::size_t i = 0; i < port.shape.size(); ++i) {
    const bool named = port.shape[i] < 0 && i < port.dimension_names.size() && !port.dimension_names[i].empty();
    shape.push_back(named ? Json(port.dimension_names[i]) : Json(port.shape[i]));
  }
  return {{"name", port.name}, {"type", pixmill::name_of(port.type)}, {"shape", shape}};
}

std::string dimension_text(const Json& extent) {
  if (extent.is_string()) return "dynamic (" + printable(extent.get<std::string>()) + ")";
  const auto value = extent.get<std::int64_t>();
  return value < 0 ? "dynamic" : "fixed (" + std::to_string(value) + ")";
}

void print_ports(const Json& file) {
  for (const char* side : {"inputs", "outputs"}) {
    if (!file.contains(side)) continue;
    for (const Json& port : file[side]) {
      std::printf("  %s %s, %s\n", std::string(side, std::strlen(side) - 1).c_str(),
                  printable(port["name"].get<std::string>()).c_str(), port["type"].get<std::string>().c_str());
      int number = 0;
      for (const Json& extent : port["shape"])
        std::printf("    Dimension %d: %s\n", number++, dimension_text(extent).c_str());
    }
  }
}

}  // namespace pixmill::cli
