#include "pixmill/core/hamming_join.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "core/hamming_kernels.h"

namespace pixmill {
namespace {

constexpr std::uint32_t kPieces = 1U << 16U;  // values of a piece

std::uint32_t piece_of(std::uint64_t hash, int part) {
  return static_cast<std::uint32_t>(hash >> (16 * part)) & (kPieces - 1);
}

// All values of 16 bits of which at most `most` are set, fewest first.
std::vector<std::uint32_t> masks_with(int most) {
  std::vector<std::uint32_t> masks;
  for (std::uint32_t mask = 0; mask < kPieces; ++mask) {
    if (std::popcount(mask) <= most) masks.push_back(mask);
  }
  return masks;
}

// Whether an earlier part finds the pair too.
bool found_before(std::uint64_t different, int part, int most) {
  for (int earlier = 0; earlier < part; ++earlier) {
    if (std::popcount(piece_of(different, earlier)) <= most) return true;
  }
  return false;
}

}  // namespace

HammingIndex::HammingIndex(std::span<const std::uint64_t> hashes) {
  for (int part = 0; part < kParts; ++part) {
    Order& order = orders_[part];
    order.begins.assign(kPieces + 1, 0);
    for (const std::uint64_t hash : hashes) ++order.begins[piece_of(hash, part) + 1];
    for (std::uint32_t value = 0; value < kPieces; ++value) order.begins[value + 1] += order.begins[value];
    std::vector<std::uint32_t> next(order.begins.begin(), order.begins.end() - 1);
    order.hashes.resize(hashes.size());
    order.indices.resize(hashes.size());
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      const std::uint32_t at = next[piece_of(hashes[i], part)]++;
      order.hashes[at] = hashes[i];
      order.indices[at] = static_cast<std::uint32_t>(i);
    }
  }
}

void HammingIndex::near(const HammingIndex& queries, int radius, int part, const Visit& visit) const {
  assert(radius >= 0 && radius <= kLargestRadius && part >= 0 && part < kParts);
  const HammingKernels& kernels = hamming_kernels();
  const Order &mine = orders_[part], &theirs = queries.orders_[part];
  const int most = radius / kParts;
  const std::vector<std::uint32_t> masks = masks_with(most);
  std::vector<std::uint32_t> found(mine.hashes.size());
  for (std::uint32_t value = 0; value < kPieces; ++value) {
    const std::uint32_t first = theirs.begins[value], last = theirs.begins[value + 1];
    if (first == last) continue;
    for (const std::uint32_t mask : masks) {
      const std::uint32_t begin = mine.begins[value ^ mask], end = mine.begins[(value ^ mask) + 1];
      if (begin == end) continue;
      for (std::uint32_t q = first; q < last; ++q) {
        const std::uint64_t query = theirs.hashes[q];
        const std::size_t count = kernels.within(&mine.hashes[begin], end - begin, query, radius, found.data());
        for (std::size_t k = 0; k < count; ++k) {
          const std::uint32_t at = begin + found[k];
          const std::uint64_t different = mine.hashes[at] ^ query;
          if (!found_before(different, part, most))
            visit(theirs.indices[q], mine.indices[at], std::popcount(different));
        }
      }
    }
  }
}

}  // namespace pixmill
