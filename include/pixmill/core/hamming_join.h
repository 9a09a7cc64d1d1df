// All pairs of 64-bit hashes that differ in few bits, among millions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace pixmill {

// Hashes sorted by each of four pieces of 16 bits. Two hashes that differ in at most r bits differ in at most r / 4
// bits of some piece, so only hashes with nearly equal pieces are compared. Memory: 64 bytes a hash.
class HammingIndex {
 public:
  explicit HammingIndex(std::span<const std::uint64_t> hashes);

  static constexpr int kParts = 4;

  // Calls visit(query, hash, distance), the indices of both, for every pair of one of `queries` and one of the index
  // that differ in at most `radius` (0..kLargestRadius) bits: each pair once, in no order. `part` (0..kParts - 1): one
  // of the parts of the work, which several threads may do at the same time.
  using Visit = std::function<void(std::size_t query, std::size_t hash, int distance)>;
  void near(const HammingIndex& queries, int radius, int part, const Visit& visit) const;

  static constexpr int kLargestRadius = 19;

 private:
  // Of one piece: hashes in the order of it, where each value begins, and which they are.
  struct Order {
    std::vector<std::uint64_t> hashes;
    std::vector<std::uint32_t> indices;
    std::vector<std::uint32_t> begins;  // 65,536 and one
  };
  Order orders_[kParts];
};

}  // namespace pixmill
