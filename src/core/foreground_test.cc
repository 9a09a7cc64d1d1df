#include "pixmill/core/foreground.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace pixmill {
namespace {

constexpr std::array<float, 3> kSubject = {200, 60, 30};
constexpr std::array<float, 3> kBackground = {20, 90, 230};

// A disc with a soft edge of `softness` pixels.
Image disc(Size size, float radius, float softness) {
  Image alpha(size, 1, PixelType::f32);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const float distance = std::hypot(x - size.width / 2.0F, y - size.height / 2.0F);
      alpha.row<float>(y)[x] = std::clamp((radius - distance) / softness + 0.5F, 0.0F, 1.0F);
    }
  }
  return alpha;
}

// Stripes on the subject, so that there is detail to keep.
float subject(int channel, int x) {
  return kSubject[channel] + (x % 4 < 2 ? 12.0F : -12.0F);
}

Image composite(const Image& alpha) {
  Image photo(alpha.size(), 3);
  for (int y = 0; y < photo.height(); ++y) {
    for (int x = 0; x < photo.width(); ++x) {
      const float cover = alpha.row<float>(y)[x];
      for (int c = 0; c < 3; ++c) {
        const float colour = cover * subject(c, x) + (1.0F - cover) * kBackground[c];
        photo.row<std::uint8_t>(y)[3 * x + c] = static_cast<std::uint8_t>(std::lround(colour));
      }
    }
  }
  return photo;
}

// Mean error against the subject's true colours over half-covered pixels, weighted by alpha: what a viewer sees.
double band_error(const Image& colours, const Image& alpha) {
  double error = 0.0, weight = 0.0;
  for (int y = 0; y < alpha.height(); ++y) {
    for (int x = 0; x < alpha.width(); ++x) {
      const float cover = alpha.row<float>(y)[x];
      if (cover <= 0.02F || cover >= 0.98F) continue;
      weight += cover;
      for (int c = 0; c < 3; ++c) {
        error += cover * std::abs(colours.row<std::uint8_t>(y)[3 * x + c] - subject(c, x)) / 3.0;
      }
    }
  }
  return error / weight;
}

TEST(Foreground, TakesTheOldBackgroundOut) {
  for (const Size size : {Size{120, 90}, Size{700, 500}}) {
    const Image alpha = disc(size, size.height / 3.0F, size.height / 10.0F);
    const Image photo = composite(alpha);
    const Image foreground = estimate_foreground(photo.clone(), Matte(alpha.clone()));
    EXPECT_GT(band_error(photo, alpha), 30.0);
    EXPECT_LT(band_error(foreground, alpha), 9.0) << size.width;
  }
}

TEST(Foreground, CertainPixelsStayBitForBit) {
  const Image alpha = disc({300, 211}, 70, 12);
  const Image photo = composite(alpha);
  const Image foreground = estimate_foreground(photo.clone(), Matte(alpha.clone()));
  int certain = 0, changed = 0;
  for (int y = 0; y < photo.height(); ++y) {
    for (int x = 0; x < photo.width(); ++x) {
      const float cover = alpha.row<float>(y)[x];
      const std::uint8_t *before = photo.row<std::uint8_t>(y) + 3 * x, *after = foreground.row<std::uint8_t>(y) + 3 * x;
      if (cover == 0.0F || cover == 1.0F) {
        ++certain;
        ASSERT_TRUE(std::equal(before, before + 3, after)) << x << "," << y;
      } else {
        changed += !std::equal(before, before + 3, after);
      }
    }
  }
  EXPECT_GT(certain, 1000);
  EXPECT_GT(changed, 1000);
}

TEST(Foreground, OddSizesAndMattesWithoutSubjectOrBackground) {
  for (const Size size : {Size{1, 1}, Size{1, 70}, Size{333, 1}, Size{2, 3}, Size{640, 7}}) {
    for (const float cover : {0.0F, 0.5F, 1.0F}) {
      Image alpha(size, 1, PixelType::f32);
      Image photo(size, 3);
      for (int y = 0; y < size.height; ++y) {
        std::fill_n(alpha.row<float>(y), size.width, cover);
        std::fill_n(photo.row<std::uint8_t>(y), 3 * size.width, std::uint8_t{77});
      }
      const Image foreground = estimate_foreground(photo.clone(), Matte(alpha.clone()));
      ASSERT_EQ(foreground.size(), size);
      // One colour everywhere can be explained by itself alone, up to what the unknown start leaves.
      EXPECT_NEAR(foreground.row<std::uint8_t>(size.height - 1)[3 * size.width - 1], 77, cover == 0.5F ? 40 : 0);
    }
  }
}

}  // namespace
}  // namespace pixmill
