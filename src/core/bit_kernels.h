// The loops over the words of a BitMask. Declared here for the tests.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pixmill {

struct BitKernels {
  // words[i] |= words[i + offset], from the first to the last that has such a partner; offset >= 1.
  void (*or_from_behind)(std::uint64_t* words, std::size_t count, std::size_t offset);
  // words[i] |= words[i - offset], from the last to the first that has such a partner; offset >= 1.
  void (*or_from_before)(std::uint64_t* words, std::size_t count, std::size_t offset);
  // The same by bits, of a row: each bit gets that which is `shift` further right, or left, added. Around the row are
  // shift / 64 + 1 words of 0, which are read; shift >= 1.
  void (*or_from_right)(std::uint64_t* row, std::size_t count, std::size_t shift);
  void (*or_from_left)(std::uint64_t* row, std::size_t count, std::size_t shift);
  // Each bit of `count` bits as a byte: 0 or 255.
  void (*to_bytes)(const std::uint64_t* bits, std::size_t count, std::uint8_t* bytes);
};

const BitKernels& bit_kernels();

extern const BitKernels kScalarBitKernels;

}  // namespace pixmill
