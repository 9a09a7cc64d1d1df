#include "pixmill/tasks/rule_reasons.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/record_index.h"

namespace pixmill::tasks {

Record only_reasons(const Rule& rule, const Record& record, std::string_view name, std::int64_t changed) {
  Detections all = unpack_detections(record.kind, record.body, name);
  const std::vector<std::string>& named = rule.classes();
  std::map<int, int> labels;  // of the record: in the rule
  std::vector<RuleThing> things;
  for (const Detection& one : all.found) {
    const auto [known, is_new] = labels.emplace(one.box.label, -1);
    if (is_new) {
      const auto found = std::find(named.begin(), named.end(), (*all.classes)[static_cast<std::size_t>(one.box.label)]);
      if (found != named.end()) known->second = static_cast<int>(found - named.begin());
    }
    things.push_back(thing_of(one, known->second));
  }
  const std::vector<bool> counted = rule.reasons({name, all.picture, all.quality, changed, things});
  std::vector<Detection> kept;
  for (std::size_t i = 0; i < all.found.size(); ++i) {
    if (counted[i]) kept.push_back(std::move(all.found[i]));
  }
  all.found = std::move(kept);
  return {record.kind, pack(all)};
}

}  // namespace pixmill::tasks
