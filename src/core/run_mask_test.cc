#include "pixmill/core/run_mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace pixmill {
namespace {

Image random_bitmap(Size size, unsigned seed, unsigned of_ten) {
  std::mt19937 random(seed);
  Image bitmap(size, 1);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) bitmap.row<std::uint8_t>(y)[x] = random() % 10 < of_ten ? 255 : 0;
  }
  return bitmap;
}

std::int64_t counted(ImageView bitmap) {
  std::int64_t count = 0;
  for (int y = 0; y < bitmap.height(); ++y)
    count += std::count(bitmap.row<std::uint8_t>(y), bitmap.row<std::uint8_t>(y) + bitmap.width(), 255);
  return count;
}

TEST(RunMaskTest, CountsDownTheColumnsFromOutside) {
  Image bitmap({3, 2}, 1);
  const std::uint8_t pixels[2][3] = {{0, 1, 1}, {0, 1, 0}};
  for (int y = 0; y < 2; ++y) std::copy(pixels[y], pixels[y] + 3, bitmap.row<std::uint8_t>(y));
  const RunMask mask = mask_of_bitmap(bitmap, {3, 2});
  EXPECT_EQ(mask.runs, (std::vector<std::uint32_t>{2, 3, 1}));
  EXPECT_EQ(area(mask), 3);
  EXPECT_EQ(bounds(mask), (Rect{1, 0, 2, 2}));
}

TEST(RunMaskTest, BitmapsComeBack) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Size size{1 + static_cast<int>(seed * 7 % 150), 1 + static_cast<int>(seed * 13 % 90)};
    const Image bitmap = random_bitmap(size, seed, seed % 11);
    const RunMask mask = mask_of_bitmap(bitmap, size);
    ASSERT_TRUE(is_valid(mask));
    EXPECT_EQ(area(mask), counted(bitmap));
    const Image again = bitmap_of(mask, {0, 0, size.width, size.height});
    EXPECT_TRUE(std::equal(again.data(), again.data() + again.bytes(), bitmap.data()));
  }
}

TEST(RunMaskTest, PartsLieWhereTheySay) {
  const Image part = random_bitmap({5, 4}, 3, 5);
  const RunMask mask = mask_of_bitmap(part, {20, 10}, 7, 3);
  ASSERT_TRUE(is_valid(mask));
  const Image window = bitmap_of(mask, {7, 3, 5, 4});
  EXPECT_TRUE(std::equal(window.data(), window.data() + window.bytes(), part.data()));
  EXPECT_EQ(counted(bitmap_of(mask, {0, 0, 20, 10})), counted(part));
}

TEST(RunMaskTest, IouOfKnownMasks) {
  const auto block = [](int x) {
    RunMaskBuilder mask({10, 4});
    for (int column = x; column < x + 4; ++column) mask.add(column, 0, 4);
    return mask.take();
  };
  EXPECT_DOUBLE_EQ(iou(block(0), block(2)), 1.0 / 3);
  EXPECT_DOUBLE_EQ(iou(block(0), block(0)), 1.0);
  EXPECT_DOUBLE_EQ(iou(block(0), block(5)), 0.0);
  const RunMask none = RunMaskBuilder({10, 4}).take();
  EXPECT_TRUE(is_valid(none));
  EXPECT_DOUBLE_EQ(iou(none, none), 0.0);
  EXPECT_EQ(bounds(none), Rect());
}

TEST(RunMaskTest, PartsAndUnionsAreThoseOfTheBitmaps) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    const Size size{1 + static_cast<int>(seed * 5 % 40), 1 + static_cast<int>(seed * 11 % 30)};
    const Image one = random_bitmap(size, seed, seed % 11), other = random_bitmap(size, seed + 100, (seed + 3) % 11);
    Image both(size, 1);
    for (std::size_t i = 0; i < both.bytes(); ++i) both.data()[i] = one.data()[i] | other.data()[i];
    const RunMask a = mask_of_bitmap(one, size), b = mask_of_bitmap(other, size);
    const RunMask mask = united(a, b);
    EXPECT_TRUE(is_valid(mask));
    EXPECT_EQ(mask, mask_of_bitmap(both, size)) << seed;
    const Size picture{size.width + 9, size.height + 4};
    EXPECT_EQ(placed(a, picture, 6, 3), mask_of_bitmap(one, picture, 6, 3));
  }
}

TEST(RunMaskTest, WhatDoesNotAddUpIsNotValid) {
  EXPECT_FALSE(is_valid({{2, 2}, {1, 2}}));
  EXPECT_FALSE(is_valid({{2, 2}, {1, 0, 3}}));
  EXPECT_TRUE(is_valid({{2, 2}, {0, 4}}));
}

}  // namespace
}  // namespace pixmill
