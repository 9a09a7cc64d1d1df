#include "imports/class_order.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "pixmill/models/class_names.h"

namespace pixmill::imports {
namespace {

using Names = std::vector<std::string>;

// Each class at its own index; empty where two share one, or one has none.
Names at_their_indices(const std::vector<ClassEntry>& entries) {
  std::map<std::int64_t, std::string> by_index;
  for (const ClassEntry& one : entries) {
    const bool fits = one.numbered && *one.order >= 0 && *one.order < static_cast<std::int64_t>(models::kMostClasses);
    if (!fits || !by_index.emplace(*one.order, one.name).second) return {};
  }
  if (by_index.empty()) return {};
  const Names& coco = models::coco_80();
  const bool are_coco = std::all_of(by_index.begin(), by_index.end(), [&](const auto& one) {
    return one.first < static_cast<std::int64_t>(coco.size()) &&
           coco[static_cast<std::size_t>(one.first)] == one.second;
  });
  if (are_coco) return coco;
  Names names;
  for (std::int64_t index = 0; index <= by_index.rbegin()->first; ++index) {
    const auto named = by_index.find(index);
    names.push_back(named != by_index.end() ? named->second : std::to_string(index));
  }
  return names;
}

Names without_gaps(const std::vector<ClassEntry>& entries) {
  std::map<std::string, std::int64_t> order_of;
  for (const ClassEntry& one : entries) {
    if (one.name.empty()) continue;
    const std::int64_t order = one.order.value_or(std::numeric_limits<std::int64_t>::max());
    const auto [known, fresh] = order_of.emplace(one.name, order);
    if (!fresh) known->second = std::min(known->second, order);
  }
  std::vector<std::pair<std::int64_t, std::string>> sorted;
  for (const auto& [name, order] : order_of) sorted.emplace_back(order, name);
  std::sort(sorted.begin(), sorted.end());
  Names names;
  for (auto& [order, name] : sorted) names.push_back(std::move(name));
  return names;
}

}  // namespace

Classes in_list(const std::vector<ClassEntry>& entries, const Names& listed) {
  std::map<std::string_view, int> index_of;
  for (std::size_t i = 0; i < listed.size(); ++i) index_of.emplace(listed[i], static_cast<int>(i));
  Classes classes{tasks::shared_names(listed), {}};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto found = index_of.find(entries[i].name);
    // The listed ones come first, and two of them may be called the same.
    classes.of.push_back(i < listed.size() && entries[i].name == listed[i] ? static_cast<int>(i)
                         : found == index_of.end()                         ? -1
                                                                           : found->second);
  }
  return classes;
}

Classes ordered(const std::vector<ClassEntry>& entries) {
  const Names kept = at_their_indices(entries);
  return in_list(entries, kept.empty() ? without_gaps(entries) : kept);
}

std::string wrong_with_name(std::string_view name) {
  if (name.empty()) return "has no name";
  if (name.size() > models::kLongestClass)
    return "has a name of more than " + std::to_string(models::kLongestClass) + " bytes";
  const bool plain = std::none_of(name.begin(), name.end(), [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte < 0x20 || byte == 0x7F;
  });
  return plain ? "" : "has a control character in its name";
}

}  // namespace pixmill::imports
