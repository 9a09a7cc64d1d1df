// Paths by their hashes: 20 bytes for each, whatever its length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace pixmill::pipeline {

// Which paths are known, and a number for each. 128 bits of hash: two paths that share one will not be met. Not
// synchronised.
class PathTable {
 public:
  // Takes the path, unless it is known: then the number that it has.
  std::optional<std::uint32_t> add(std::string_view path, std::uint32_t number);
  std::optional<std::uint32_t> find(std::string_view path) const;  // the number that it has
  bool contains(std::string_view path) const { return find(path).has_value(); }
  std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::uint64_t high = 0, low = 0;  // both 0: free
    std::uint32_t number = 0;
  };
  static std::pair<std::uint64_t, std::uint64_t> hash(std::string_view path);
  std::size_t place_of(std::uint64_t high, std::uint64_t low) const;
  void grow();

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace pixmill::pipeline
