#include "codecs/repeats.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace pixmill::codecs {
namespace {

constexpr std::size_t kSample = std::size_t{1} << 14;
constexpr int kTableBits = 12;

std::uint64_t load(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// What the first byte of a word becomes when it fills all eight.
std::uint64_t all_like_first(const std::uint8_t* bytes) {
  return *bytes * 0x0101010101010101U;
}

}  // namespace

double repeated_part(std::span<const std::uint8_t> data) {
  if (data.size() > kSample) data = data.subspan((data.size() - kSample) / 2, kSample);
  std::array<std::uint16_t, std::size_t{1} << kTableBits> seen{};  // where a word was, by its hash; 0 stands for none
  std::size_t counted = 0, repeated = 0;
  for (std::size_t at = 1; at + 8 <= data.size(); ++at) {
    const std::uint64_t word = load(data.data() + at);
    if (word == all_like_first(data.data() + at)) continue;
    std::uint16_t& before = seen[word * 0x9e3779b97f4a7c15U >> (64 - kTableBits)];
    ++counted;
    if (before != 0 && load(data.data() + before) == word) ++repeated;
    before = static_cast<std::uint16_t>(at);
  }
  return counted == 0 ? 0 : static_cast<double>(repeated) / static_cast<double>(counted);
}

}  // namespace pixmill::codecs
