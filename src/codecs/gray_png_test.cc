#include "pixmill/codecs/gray_png.h"

#include <gtest/gtest.h>

#include <random>

#include "pixmill/codecs/codec.h"

namespace pixmill::codecs {
namespace {

void expect_read_back(const BitMask& mask) {
  const std::vector<std::byte> file = gray_png(mask);
  const Header header = read_header(file, "mask");
  EXPECT_EQ(header.format, Format::png);
  EXPECT_EQ(header.channels, 1);
  EXPECT_EQ(header.bits, 8);
  const Image again = decode(file, "mask").image;  // checks the sums of the stream
  ASSERT_EQ(again.size(), mask.size());
  ASSERT_EQ(again.channels(), 1);
  EXPECT_EQ(bits_of(again, 255), mask);
  EXPECT_EQ(bits_of(again, 1), mask);
}

TEST(GrayPng, OfAnyMaskIsReadBack) {
  std::mt19937 random(1);
  for (const Size size : {Size{1, 1}, Size{63, 7}, Size{64, 2}, Size{1000, 300}}) {
    for (const double share : {0.0, 0.02, 0.5, 1.0}) {
      std::bernoulli_distribution inside(share);
      BitMask mask(size);
      for (int y = 0; y < size.height; ++y) {
        for (int x = 0; x < size.width; ++x) {
          if (inside(random)) mask.set(x, y);
        }
      }
      expect_read_back(mask);
    }
  }
}

TEST(GrayPng, KnowsRunsOfEachLength) {
  BitMask mask({700, 700});
  for (int y = 0; y < 700; ++y) {
    for (int x = 0; x < y; ++x) mask.set(x, y);
  }
  expect_read_back(mask);
}

TEST(GrayPng, OfAWholePhotographIsSmall) {
  BitMask mask({6000, 4000});
  invert(mask);
  EXPECT_LT(gray_png(mask).size(), 40'000U);
  expect_read_back(mask);
}

}  // namespace
}  // namespace pixmill::codecs
