#include "pipeline/picking.h"

#include <algorithm>
#include <string>
#include <utility>

#include "pixmill/tasks/rule_reasons.h"

namespace pixmill::pipeline {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::size_t kHitsAtOnce = 8192;

}  // namespace

Picking::Picking(const Pick& pick, const Sources& sources, Catalogue& catalogue, const ResultKey* key)
    : pick_(pick),
      sources_(sources),
      catalogue_(catalogue),
      looks_(catalogue, sources.items, key),
      unknown_(looks_.find(all_of(sources.items))) {}

void Picking::ask(const std::vector<std::uint32_t>& fed) {
  catalogue_.finish({});  // what the job saw of files that only look changed, and shared by equal pictures
  if (!fed.empty()) looks_.find(fed);
  std::vector<std::uint32_t> known = looks_.known();
  asked_ = static_cast<std::int64_t>(known.size());
  const tasks::Rule& rule = *pick_.rule;
  looks_.each_things(std::move(known), {rule.classes(), rule.needs_all(), rule.least_confidence()},
                     [&](std::uint32_t index, std::span<const tasks::RuleThing> things) {
                       const Look& look = *looks_.of(index);
                       const std::string name = name_of(index);
                       if (rule.holds({name, look.picture, look.quality, look.stamp.mtime_ns / kNanoseconds, things}))
                         hits_.push_back(index);
                     });
  std::sort(hits_.begin(), hits_.end());
}

StoredRecord Picking::reasons(std::size_t hit, const StoredRecord& record) const {
  const std::uint32_t index = hits_[hit];
  return tasks::only_reasons(*pick_.rule, record, name_of(index), looks_.of(index)->stamp.mtime_ns / kNanoseconds);
}

// As a rule sees it.
std::string Picking::name_of(std::uint32_t index) const {
  return std::string(sources_.items.relative_folder(index)).append(sources_.items.relative_name(index));
}

Hit Picking::hit(std::uint32_t index, std::span<const tasks::RuleThing> things) const {
  const SourceItem item = sources_.items[index];
  return {item.path, item.relative.generic_string(), sources_.items.identity(index), *looks_.of(index), things};
}

void Picking::each(const Visit& visit) const {
  for (const std::uint32_t index : hits_) visit(hit(index, {}));
}

void Picking::each(const std::vector<std::string>& classes, float confidence, const Visit& visit) const {
  for (std::size_t from = 0; from < hits_.size(); from += kHitsAtOnce) {
    const std::vector<std::uint32_t> some(
        hits_.begin() + static_cast<std::ptrdiff_t>(from),
        hits_.begin() + static_cast<std::ptrdiff_t>(std::min(from + kHitsAtOnce, hits_.size())));
    std::vector<std::vector<tasks::RuleThing>> things(some.size());
    looks_.each_things(some, {classes, false, confidence},
                       [&](std::uint32_t index, std::span<const tasks::RuleThing> found) {
                         const auto at = std::lower_bound(some.begin(), some.end(), index) - some.begin();
                         things[static_cast<std::size_t>(at)].assign(found.begin(), found.end());
                       });
    for (std::size_t i = 0; i < some.size(); ++i) visit(hit(some[i], things[i]));
  }
}

}  // namespace pixmill::pipeline
