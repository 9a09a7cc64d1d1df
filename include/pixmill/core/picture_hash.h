// Perceptual hashes: 64 bits that pictures share mostly where they look alike.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "pixmill/core/image.h"

namespace pixmill {

// Of a picture as it is and as it would be mirrored and turned. Bits of the index: 0, left and right change places; 1,
// top and bottom; 2, rows and columns, after the others.
struct PictureHashes {
  static constexpr int kTurns = 8;

  std::array<std::uint64_t, kTurns> difference{};  // dHash: whether gray rises from column to column of 9x8 pixels
  std::array<std::uint64_t, kTurns> perceptual{};  // pHash: the lowest frequencies of 32x32 pixels beside their median

  bool operator==(const PictureHashes&) const = default;
};

// `picture`: u8 RGB, not empty. The hashes at index 0 are dhash() and phash() of ImageHash (gray, then reduced by
// Lanczos; rows from the top, the first bit the highest); of a picture that is one colour pHash is noise.
PictureHashes picture_hashes(ImageView picture);

inline int hash_distance(std::uint64_t a, std::uint64_t b) {
  return std::popcount(a ^ b);
}

}  // namespace pixmill
