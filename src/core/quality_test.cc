#include "pixmill/core/quality.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/simd_testing.h"

namespace pixmill {
namespace {

Image flat(Size size, std::uint8_t value) {
  Image picture(size, 3);
  std::memset(picture.data(), value, picture.bytes());
  return picture;
}

// Stripes of that width, black and white.
Image stripes(Size size, int width) {
  Image picture = flat(size, 0);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      if (x / width % 2 == 1) std::memset(picture.row<std::uint8_t>(y) + 3 * x, 255, 3);
    }
  }
  return picture;
}

TEST(QualityTest, AFlatPictureHasNoSharpness) {
  const Measured measured = measure_quality(flat({50, 40}, 77));
  EXPECT_FLOAT_EQ(measured.sharpness, 0);
  EXPECT_FLOAT_EQ(measured.brightness, 77);
  EXPECT_FLOAT_EQ(measure_quality(flat({1, 1}, 255)).brightness, 255);
}

// Every pixel has two neighbours of the other colour: the Laplacian is +-510, also where edges are mirrored.
TEST(QualityTest, StripesOfAPixelHaveAKnownVariance) {
  const Measured measured = measure_quality(stripes({20, 10}, 1));
  EXPECT_FLOAT_EQ(measured.sharpness, 510.0F * 510.0F);
  EXPECT_FLOAT_EQ(measured.brightness, 127.5F);
}

TEST(QualityTest, LargePicturesAreReducedFirst) {
  const float small = measure_quality(stripes({kMeasuredSide, 512}, 16)).sharpness;
  const float large = measure_quality(stripes({kMeasuredSide * 4, 2048}, 64)).sharpness;
  EXPECT_NEAR(large, small, small * 0.01);
  EXPECT_LT(measure_quality(stripes({kMeasuredSide * 4, 2048}, 1)).sharpness, 10);
}

TEST(QualityTest, IsTheSameUnderEachTarget) {
  for (int width = 1; width <= 140; ++width) {
    const Image picture = testing::synthetic({width, 5}, 3);
    Measured expected;
    testing::under_each_target([&] { expected = measure_quality(picture); });  // the scalar twins come last
    testing::under_each_target([&] {
      const Measured measured = measure_quality(picture);
      EXPECT_EQ(measured.sharpness, expected.sharpness) << width;
      EXPECT_EQ(measured.brightness, expected.brightness) << width;
    });
  }
}

}  // namespace
}  // namespace pixmill
