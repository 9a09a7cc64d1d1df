#include "pipeline/path_table.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace pixmill::pipeline {
namespace {

constexpr std::size_t kFirstSlots = 64;  // a power of two, as all that follow

}  // namespace

std::pair<std::uint64_t, std::uint64_t> PathTable::hash(std::string_view path) {
  const XXH128_hash_t value = XXH3_128bits(path.data(), path.size());
  return {value.high64, value.low64 | 1};  // never the mark of a free slot
}

// Where it is, or would be.
std::size_t PathTable::place_of(std::uint64_t high, std::uint64_t low) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = high & mask;
  while (slots_[at].low != 0 && (slots_[at].low != low || slots_[at].high != high)) at = (at + 1) & mask;
  return at;
}

std::optional<std::uint32_t> PathTable::add(std::string_view path, std::uint32_t number) {
  if (4 * (size_ + 1) > 3 * slots_.size()) grow();
  const auto [high, low] = hash(path);
  Slot& slot = slots_[place_of(high, low)];
  if (slot.low != 0) return slot.number;
  slot = {high, low, number};
  ++size_;
  return std::nullopt;
}

std::optional<std::uint32_t> PathTable::find(std::string_view path) const {
  if (slots_.empty()) return std::nullopt;
  const auto [high, low] = hash(path);
  const Slot& slot = slots_[place_of(high, low)];
  return slot.low != 0 ? std::optional(slot.number) : std::nullopt;
}

void PathTable::grow() {
  std::vector<Slot> old(slots_.empty() ? kFirstSlots : 2 * slots_.size());
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.low != 0) slots_[place_of(slot.high, slot.low)] = slot;
  }
}

}  // namespace pixmill::pipeline
