#include "core/tile_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "core/simd_testing.h"

namespace pixmill {
namespace {

std::vector<float> some(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> values(-0.2F, 1.2F);
  std::vector<float> made(count);
  for (float& value : made) value = values(random);
  return made;
}

TEST(TileKernels, AddsWhatTheScalarTwinAdds) {
  for (const std::size_t count : {0U, 1U, 7U, 16U, 33U, 100U}) {
    const std::vector<float> from = some(count, 1), weights = some(count, 2);
    std::vector<float> expected = some(count, 3);
    const std::vector<float> before = expected;
    kScalarTileKernels.add(from.data(), weights.data(), 0.75F, count, expected.data());
    testing::under_each_target([&] {
      std::vector<float> made = before;
      tile_kernels().add(from.data(), weights.data(), 0.75F, count, made.data());
      for (std::size_t i = 0; i < count; ++i) EXPECT_NEAR(made[i], expected[i], 1e-6F);
    });
  }
}

TEST(TileKernels, PixelsAreClampedAndRounded) {
  for (const std::size_t width : {1U, 5U, 16U, 37U}) {
    std::vector<float> red = some(width, 4), green = some(width, 5), blue = some(width, 6);
    red[0] = std::numeric_limits<float>::quiet_NaN();
    const float* const planes[3] = {red.data(), green.data(), blue.data()};
    std::vector<std::uint8_t> bytes(3 * width);
    std::vector<std::uint16_t> words(3 * width);
    kScalarTileKernels.to_rgb8(planes, width, bytes.data());
    kScalarTileKernels.to_rgb16(planes, width, words.data());
    EXPECT_EQ(bytes[0], 0);
    for (std::size_t x = 0; x < width; ++x) {
      const double green_level = std::clamp(static_cast<double>(green[x]), 0.0, 1.0);
      EXPECT_NEAR(bytes[3 * x + 1], green_level * 255, 0.501);
      EXPECT_NEAR(words[3 * x + 1], green_level * 65535, 0.51);
    }
    testing::under_each_target([&] {
      std::vector<std::uint8_t> made_bytes(3 * width);
      std::vector<std::uint16_t> made_words(3 * width);
      tile_kernels().to_rgb8(planes, width, made_bytes.data());
      tile_kernels().to_rgb16(planes, width, made_words.data());
      EXPECT_EQ(made_bytes, bytes);
      EXPECT_EQ(made_words, words);
    });
  }
}

TEST(TileKernels, TheRangeSeesWhatIsNotFinite) {
  testing::under_each_target([&] {
    float least = 0, most = 0;
    for (const std::size_t count : {1U, 16U, 50U}) {
      std::vector<float> values = some(count, 7);
      values[count / 2] = -3.0F;
      values[count - 1] = 4.0F;
      ASSERT_TRUE(tile_kernels().range(values.data(), count, &least, &most));
      EXPECT_EQ(least, count == 1 ? 4.0F : -3.0F);
      EXPECT_EQ(most, 4.0F);
      values[count / 3] = std::numeric_limits<float>::infinity();
      EXPECT_FALSE(tile_kernels().range(values.data(), count, &least, &most));
      values[count / 3] = std::nanf("");
      EXPECT_FALSE(tile_kernels().range(values.data(), count, &least, &most));
    }
  });
}

}  // namespace
}  // namespace pixmill
