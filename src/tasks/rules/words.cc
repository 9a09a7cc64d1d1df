#include "tasks/rules/words.h"

#include <algorithm>

namespace pixmill::tasks::rules {
namespace {

template <typename Table>
const typename Table::value_type* find(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace

const TraitWord* find_trait(std::string_view name) {
  return find(kTraits, name);
}

const PropertyWord* find_property(std::string_view name) {
  return find(kProperties, name);
}

std::vector<std::string> trait_names() {
  std::vector<std::string> names;
  for (const TraitWord& row : kTraits) names.emplace_back(row.name);
  return names;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names = trait_names();
  names.insert(names.end(), {std::string(kCount), std::string(kTotalArea)});
  return names;
}

std::vector<std::string> all_words() {
  std::vector<std::string> names = function_names();
  for (const PropertyWord& row : kProperties) {
    if (find_trait(row.name) == nullptr) names.emplace_back(row.name);
  }
  names.insert(names.end(), {std::string(kAny), std::string(kName), std::string(kDate)});
  return names;
}

}  // namespace pixmill::tasks::rules
