#include "pixmill/core/blur.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/simd_testing.h"
#include "pixmill/core/error.h"

namespace pixmill {
namespace {

using testing::expect_same_under_each_target;
using testing::synthetic;

// A single bright pixel becomes the kernel itself.
TEST(GaussianBlur, HasTheVarianceThatWasAskedFor) {
  for (const float sigma : {0.8F, 2.5F, 5.9F, 6.1F, 11.0F, 24.0F}) {
    const int side = 241;
    Image image({side, side}, 1, PixelType::f32);
    for (int y = 0; y < side; ++y) std::fill_n(image.row<float>(y), side, 0.0F);
    image.row<float>(120)[120] = 1.0F;
    const Image blurred = gaussian_blur(image, sigma);
    double sum = 0.0;
    double across = 0.0;
    double down = 0.0;
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const auto value = static_cast<double>(blurred.row<float>(y)[x]);
        sum += value;
        across += value * (x - 120) * (x - 120);
        down += value * (y - 120) * (y - 120);
      }
    }
    EXPECT_NEAR(sum, 1.0, 1e-4) << sigma;
    EXPECT_NEAR(std::sqrt(across), sigma, 0.03 * sigma) << sigma;
    EXPECT_NEAR(std::sqrt(down), sigma, 0.03 * sigma) << sigma;
  }
}

TEST(GaussianBlur, KeepsFlatPicturesFlatUpToTheBorder) {
  for (const float sigma : {0.3F, 3.0F, 9.0F, 500.0F, 1e9F}) {
    for (const Size size : {Size{1, 1}, Size{1, 30}, Size{30, 1}, Size{33, 29}}) {
      for (const int channels : {1, 3, 4}) {
        Image image(size, channels);
        for (int y = 0; y < size.height; ++y)
          std::fill_n(image.row<std::uint8_t>(y), size.width * channels, std::uint8_t{201});
        const Image blurred = gaussian_blur(image, sigma);
        for (int y = 0; y < size.height; ++y) {
          for (int i = 0; i < size.width * channels; ++i) ASSERT_EQ(blurred.row<std::uint8_t>(y)[i], 201) << sigma;
        }
      }
    }
  }
}

TEST(GaussianBlur, EightBitFollowsFloat) {
  const Image u8 = synthetic({83, 61}, 3);
  const Image f32 = synthetic({83, 61}, 3, PixelType::f32);
  for (const float sigma : {1.3F, 8.0F}) {
    const Image a = gaussian_blur(u8, sigma);
    const Image b = gaussian_blur(f32, sigma);
    for (int y = 0; y < 61; ++y) {
      for (int i = 0; i < 83 * 3; ++i) ASSERT_NEAR(a.row<std::uint8_t>(y)[i], b.row<float>(y)[i] * 255.0F, 1.1F);
    }
  }
}

TEST(GaussianBlur, KernelsAgree) {
  for (const float sigma : {1.0F, 7.0F}) {
    for (const PixelType type : {PixelType::u8, PixelType::f32}) {
      const Image image = synthetic({67, 45}, 3, type);
      if (type == PixelType::u8 && sigma > kExactSigma) continue;  // rounded from floats that differ in the last bit
      expect_same_under_each_target([&] { return gaussian_blur(image, sigma); }, 1e-6F);
    }
  }
}

TEST(GaussianBlur, KernelsAgreeAtAllWidths) {
  for (int width = 1; width <= 70; ++width) {
    const Image image = synthetic({width, 21}, 3, PixelType::f32);
    expect_same_under_each_target([&] { return gaussian_blur(image, 7.0F); }, 1e-6F);
  }
}

TEST(GaussianBlur, ReadsCrops) {
  const Image whole = synthetic({60, 50}, 1, PixelType::f32);
  const ImageView window = whole.view().crop({9, 4, 31, 33});
  const Image blurred = gaussian_blur(window, 7.0F), expected = gaussian_blur(copy(window), 7.0F);
  for (int y = 0; y < 33; ++y) {
    for (int x = 0; x < 31; ++x) ASSERT_EQ(blurred.row<float>(y)[x], expected.row<float>(y)[x]) << x << "," << y;
  }
}

TEST(GaussianBlur, DoesNotDriftOverLongRows) {
  Image image({20000, 1}, 1, PixelType::f32);
  float* row = image.row<float>(0);
  for (int x = 0; x < 20000; ++x) row[x] = x < 10000 ? 1000.0F + static_cast<float>(x % 7) : 1e-3F;
  EXPECT_NEAR(gaussian_blur(image, 7.0F).row<float>(0)[19000], 1e-3F, 1e-9F);
}

TEST(GaussianBlur, NoSigmaCopiesAndU16IsRefused) {
  const Image image = synthetic({9, 9}, 3);
  EXPECT_EQ(gaussian_blur(image, 0.0F).row<std::uint8_t>(4)[5], image.row<std::uint8_t>(4)[5]);
  EXPECT_THROW(gaussian_blur(synthetic({9, 9}, 3, PixelType::u16), 1.0F), Error);
}

}  // namespace
}  // namespace pixmill
