// Prefix codes and lengths of deflate (RFC 1951).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pixmill::codecs {

inline constexpr std::size_t kLiteralSymbols = 286, kEndOfBlock = 256, kFirstLength = 257, kLongestLength = 285;
inline constexpr std::uint32_t kMostAtOnce = 258, kLeastAtOnce = 3;

struct Code {
  std::uint16_t bits = 0;  // the first one lowest, as it is written
  std::uint8_t length = 0;
};

// The codes that RFC 1951, 3.2.2 gives to symbols of these lengths, none above 15; 0: the symbol has no code.
template <std::size_t kCount>
constexpr std::array<Code, kCount> codes_of(const std::array<std::uint8_t, kCount>& lengths) {
  std::array<std::uint16_t, 17> next{};
  for (const std::uint8_t length : lengths) {
    if (length > 0) ++next[length + 1];
  }
  for (std::size_t i = 1; i < next.size(); ++i) next[i] = static_cast<std::uint16_t>((next[i] + next[i - 1]) << 1);
  std::array<Code, kCount> codes{};
  for (std::size_t symbol = 0; symbol < kCount; ++symbol) {
    const std::uint8_t length = lengths[symbol];
    if (length == 0) continue;
    const std::uint32_t code = next[length]++;
    std::uint32_t reversed = 0;
    for (int bit = 0; bit < length; ++bit) reversed = reversed << 1 | (code >> bit & 1U);
    codes[symbol] = {static_cast<std::uint16_t>(reversed), length};
  }
  return codes;
}

// Symbol and additional bits of a length of 3 to 257, by RFC 1951, 3.2.5: four symbols for each number of bits.
struct Length {
  std::size_t symbol;
  std::uint32_t extra;
  int bits;
};
constexpr Length length_of(std::uint32_t length) {
  if (length == kMostAtOnce) return {kLongestLength, 0, 0};
  const std::uint32_t from = length - kLeastAtOnce;
  if (from < 8) return {kFirstLength + from, 0, 0};
  int bits = 1;
  while (from >> (bits + 3) != 0) ++bits;
  return {kFirstLength + 4 * static_cast<std::size_t>(bits) + (from >> bits), from & ((1U << bits) - 1), bits};
}
static_assert(length_of(10).symbol == 264 && length_of(11).symbol == 265 && length_of(257).symbol == 284);

// In this order a block's head has the lengths of the code of its lengths.
inline constexpr std::array<std::uint8_t, 19> kLengthOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                              11, 4,  12, 3, 13, 2, 14, 1, 15};

// Lengths of a complete prefix code for symbols that occur so often: Huffman's, or close to it where he would need more
// than `longest` bits. At least two symbols occur; 0 for those that do not.
void find_code_lengths(std::span<const std::uint32_t> counts, int longest, std::span<std::uint8_t> lengths);

}  // namespace pixmill::codecs
