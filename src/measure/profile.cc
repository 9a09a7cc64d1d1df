#include "measure/profile.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "pixmill/core/error.h"

namespace pixmill::measure {
namespace {

constexpr std::size_t kShown = 10;

struct Kind {
  double microseconds = 0.0;
  std::set<std::string> nodes;
};

}  // namespace

std::vector<OperatorTime> slowest_operators(const std::filesystem::path& trace, int inferences) {
  std::ifstream file(trace);
  const nlohmann::json events = nlohmann::json::parse(file, nullptr, false);
  if (!events.is_array()) throw Error(ErrorCode::corrupt, trace.string() + " is not a trace of ONNX Runtime");
  std::map<std::string, Kind> kinds;
  double all = 0.0;
  for (const nlohmann::json& event : events) {
    const std::string name = event.value("name", "");
    if (event.value("cat", "") != "Node" || !name.ends_with("_kernel_time")) continue;
    Kind& kind = kinds[event.at("args").value("op_name", "?")];
    kind.microseconds += event.value("dur", 0.0);
    kind.nodes.insert(name);
    all += event.value("dur", 0.0);
  }
  std::vector<OperatorTime> times;
  for (const auto& [name, kind] : kinds) {
    times.push_back({name, kind.microseconds / 1000.0 / inferences, all > 0 ? kind.microseconds / all : 0.0,
                     static_cast<int>(kind.nodes.size())});
  }
  std::sort(times.begin(), times.end(), [](const auto& a, const auto& b) { return a.ms > b.ms; });
  times.resize(std::min(times.size(), kShown));
  return times;
}

}  // namespace pixmill::measure
