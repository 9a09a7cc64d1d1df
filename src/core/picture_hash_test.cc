#include "pixmill/core/picture_hash.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/simd_testing.h"

namespace pixmill {
namespace {

// Mirrored (bit 0: left and right, bit 1: top and bottom), then transposed (bit 2).
Image turned(const Image& picture, int turn) {
  const bool transposed = (turn & 4) != 0;
  const Size size = picture.size();
  Image made(transposed ? Size{size.height, size.width} : size, 3);
  for (int y = 0; y < made.height(); ++y) {
    for (int x = 0; x < made.width(); ++x) {
      const int column = transposed ? y : x, row = transposed ? x : y;
      const int from_x = (turn & 1) != 0 ? size.width - 1 - column : column;
      const int from_y = (turn & 2) != 0 ? size.height - 1 - row : row;
      std::copy_n(picture.row<std::uint8_t>(from_y) + 3 * from_x, 3, made.row<std::uint8_t>(y) + 3 * x);
    }
  }
  return made;
}

// Of this picture by ImageHash 4.3.2 with Pillow 13.
constexpr std::uint64_t kDifference = 0x969419418aa8c96a, kPerceptual = 0xd1b0b504254b7deb;

TEST(PictureHashes, AreThoseOfImageHash) {
  const PictureHashes hashes = picture_hashes(testing::synthetic({97, 61}, 3));
  EXPECT_EQ(hashes.difference[0], kDifference);
  EXPECT_EQ(hashes.perceptual[0], kPerceptual);
}

TEST(PictureHashes, KnowTheirTurns) {
  const Image picture = testing::synthetic({80, 64}, 3);
  const PictureHashes hashes = picture_hashes(picture);
  for (int turn = 0; turn < PictureHashes::kTurns; ++turn) {
    const PictureHashes other = picture_hashes(turned(picture, turn));
    const auto at = static_cast<std::size_t>(turn);
    // Rounding of the two passes of a reduction, in another order, may change a bit or two.
    EXPECT_LE(hash_distance(hashes.difference[at], other.difference[0]), 2) << turn;
    EXPECT_LE(hash_distance(hashes.perceptual[at], other.perceptual[0]), 2) << turn;
  }
}

TEST(PictureHashes, AreTheSameUnderEachTarget) {
  for (int width = 1; width <= 140; width += 3) {
    const Image picture = testing::synthetic({width, 37}, 3);
    PictureHashes expected;
    testing::under_each_target([&] { expected = picture_hashes(picture); });  // the scalar twins come last
    testing::under_each_target([&] { EXPECT_EQ(picture_hashes(picture), expected) << width; });
  }
}

TEST(PictureHashes, OfOnePixelAndOfARibbon) {
  (void)picture_hashes(testing::synthetic({1, 1}, 3));
  (void)picture_hashes(testing::synthetic({3000, 2}, 3));
}

}  // namespace
}  // namespace pixmill
