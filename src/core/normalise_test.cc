#include <gtest/gtest.h>

#include <vector>

#include "core/simd_testing.h"
#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

using testing::synthetic;
using testing::under_each_target;

float expected(std::uint8_t value, const Normalise& how, int model_channel) {
  return (static_cast<float>(value) * how.scale - how.mean[model_channel]) / how.std[model_channel];
}

TEST(Normalise, WritesPlanesAndPixelsInTheModelsOrder) {
  Normalise how;
  how.mean = {0.485F, 0.456F, 0.406F};
  how.std = {0.229F, 0.224F, 0.225F};
  const Image whole = synthetic({80, 6}, 3);
  under_each_target([&] {
    for (int width = 1; width <= 70; ++width) {
      const ImageView rgb = whole.view().crop({3, 1, width, 4});
      const int plane = width * 4;
      for (const bool bgr : {false, true}) {
        for (const bool planar : {false, true}) {
          how.bgr = bgr;
          how.planar = planar;
          std::vector<float> out(3 * static_cast<std::size_t>(plane));
          normalise(rgb, how, out);
          for (int y = 0; y < 4; ++y) {
            for (int x = 0; x < width; ++x) {
              for (int c = 0; c < 3; ++c) {
                const std::uint8_t value = rgb.row<std::uint8_t>(y)[3 * x + (bgr ? 2 - c : c)];
                const int at = y * width + x;
                ASSERT_NEAR(out[planar ? c * plane + at : 3 * at + c], expected(value, how, c), 2e-6F)
                    << width << " " << bgr << planar;
              }
            }
          }
        }
      }
    }
  });
}

TEST(Normalise, DefaultsMapTo0To1) {
  const Image rgb = synthetic({256, 1}, 3);
  std::vector<float> out(768);
  normalise(rgb, {}, out);
  for (int x = 0; x < 256; ++x) EXPECT_NEAR(out[x], rgb.row<std::uint8_t>(0)[3 * x] / 255.0F, 1e-7F);
}

TEST(Maximum, FindsTheLargestSampleAnywhere) {
  under_each_target([] {
    for (int width = 1; width <= 70; ++width) {
      Image image({width, 3}, 1);
      for (int place = 0; place < 3 * width; ++place) {
        for (int y = 0; y < 3; ++y) std::fill_n(image.row<std::uint8_t>(y), width, std::uint8_t{11});
        image.row<std::uint8_t>(place / width)[place % width] = 200;
        ASSERT_EQ(maximum(image), 200);
      }
    }
  });
}

TEST(Maximum, StaysInsideACrop) {
  Image image({40, 40}, 3);
  for (int y = 0; y < 40; ++y) std::fill_n(image.row<std::uint8_t>(y), 120, std::uint8_t{255});
  for (int y = 10; y < 20; ++y) std::fill_n(image.row<std::uint8_t>(y) + 30, 60, std::uint8_t{7});
  EXPECT_EQ(maximum(image.view().crop({10, 10, 20, 10})), 7);
}

}  // namespace
}  // namespace pixmill
