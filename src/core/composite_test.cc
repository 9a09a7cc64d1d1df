#include "pixmill/core/composite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/simd_testing.h"
#include "pixmill/core/error.h"

namespace pixmill {
namespace {

using testing::expect_same_under_each_target;
using testing::synthetic;
using testing::under_each_target;

int rounded(double value) {
  return static_cast<int>(std::floor(value + 0.5));
}

TEST(WithAlpha, JoinsAndClearsTransparentPixels) {
  const Image whole = synthetic({90, 4}, 3);
  Image matte({90, 4}, 1);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 90; ++x) matte.row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(x % 3 == 0 ? 0 : x * 2);
  }
  under_each_target([&] {
    for (int width = 1; width <= 70; ++width) {
      const Rect rect = {5, 1, width, 3};
      const ImageView rgb = whole.view().crop(rect);
      const ImageView alpha = matte.view().crop(rect);
      const Image result = with_alpha(rgb, alpha);
      for (int y = 0; y < 3; ++y) {
        for (int x = 0; x < width; ++x) {
          const std::uint8_t* pixel = result.row<std::uint8_t>(y) + 4 * x;
          const std::uint8_t a = alpha.row<std::uint8_t>(y)[x];
          ASSERT_EQ(pixel[3], a);
          for (int c = 0; c < 3; ++c) ASSERT_EQ(pixel[c], a == 0 ? 0 : rgb.row<std::uint8_t>(y)[3 * x + c]);
        }
      }
    }
  });
}

TEST(WithAlpha, TakesFloatMattesOfAnyValue) {
  const float values[] = {
      -1.0F, 0.0F, 0.001F, 0.25F, 0.5F, 0.999F, 1.0F, 7.0F, std::numeric_limits<float>::quiet_NaN()};
  constexpr int kCount = 9;
  Image matte({kCount, 1}, 1, PixelType::f32);
  std::ranges::copy(values, matte.row<float>(0));
  const int expected8[] = {0, 0, 0, 64, 128, 255, 255, 255, 0};
  const int expected16[] = {0, 0, 66, 16384, 32768, 65469, 65535, 65535, 0};
  const Image gray8 = synthetic({kCount, 1}, 1);
  const Image gray16 = synthetic({kCount, 1}, 1, PixelType::u16);
  under_each_target([&] {
    const Image a = with_alpha(gray8, matte);
    const Image b = with_alpha(gray16, matte);
    for (int x = 0; x < kCount; ++x) {
      EXPECT_EQ(a.row<std::uint8_t>(0)[4 * x + 3], expected8[x]) << values[x];
      EXPECT_EQ(b.row<std::uint16_t>(0)[4 * x + 3], expected16[x]) << values[x];
      EXPECT_EQ(b.row<std::uint16_t>(0)[4 * x + 2], expected16[x] == 0 ? 0 : gray16.row<std::uint16_t>(0)[x]);
    }
  });
}

TEST(WithAlpha, MultipliesAnAlphaThatIsThere) {
  const Image rgba = synthetic({64, 2}, 4);
  const Image matte = synthetic({64, 2}, 1);
  const Image result = with_alpha(rgba, matte);
  const Image from_float = with_alpha(rgba, to_f32(matte));
  for (int x = 0; x < 64; ++x) {
    const int expected = rounded(rgba.row<std::uint8_t>(1)[4 * x + 3] * matte.row<std::uint8_t>(1)[x] / 255.0);
    EXPECT_EQ(result.row<std::uint8_t>(1)[4 * x + 3], expected);
    EXPECT_EQ(from_float.row<std::uint8_t>(1)[4 * x + 3], expected);
  }
}

TEST(WithAlpha, RefusesWhatItCannotTake) {
  const Image gray = synthetic({3, 3}, 1);
  EXPECT_THROW(with_alpha(synthetic({3, 3}, 3, PixelType::f32), gray), Error);
  EXPECT_THROW(with_alpha(gray, synthetic({3, 3}, 1, PixelType::u16)), Error);
}

// Every colour on every background under every alpha.
TEST(Over, BlendsExactly) {
  Image rgba({256, 256}, 4);
  Image background({256, 256}, 3);
  for (int alpha = 0; alpha < 256; ++alpha) {
    for (int y = 0; y < 256; ++y) {
      for (int x = 0; x < 256; ++x) {
        std::uint8_t* pixel = rgba.row<std::uint8_t>(y) + 4 * x;
        std::fill_n(pixel, 3, static_cast<std::uint8_t>(x));
        pixel[3] = static_cast<std::uint8_t>(alpha);
        std::fill_n(background.row<std::uint8_t>(y) + 3 * x, 3, static_cast<std::uint8_t>(y));
      }
    }
    const Image result = over_picture(rgba, background);
    for (int y = 0; y < 256; ++y) {
      for (int x = 0; x < 256; ++x) {
        ASSERT_EQ(result.row<std::uint8_t>(y)[3 * x + 1], (2 * (x * alpha + y * (255 - alpha)) + 255) / 510);
      }
    }
  }
}

TEST(Over, KernelsAgreeAtAllWidths) {
  for (int width = 1; width <= 70; ++width) {
    const Image rgba = synthetic({width + 3, 3}, 4);
    const Image background = synthetic({width + 3, 3}, 3);
    const Rect rect = {2, 1, width, 2};
    expect_same_under_each_target([&] { return over_colour(rgba.view().crop(rect), {12, 200, 99}); });
    expect_same_under_each_target([&] { return over_picture(rgba.view().crop(rect), background.view().crop(rect)); });
  }
}

TEST(Over, SixteenBitsFollowEight) {
  const Image low = over_colour(synthetic({50, 4}, 4), {10, 20, 30});
  const Image high = over_colour(synthetic({50, 4}, 4, PixelType::u16), {10, 20, 30});
  const Image pictured = over_picture(synthetic({50, 4}, 4, PixelType::u16), synthetic({50, 4}, 3, PixelType::u16));
  const Image pictured_low = over_picture(synthetic({50, 4}, 4), synthetic({50, 4}, 3));
  for (int i = 0; i < 150; ++i) {
    EXPECT_NEAR(high.row<std::uint16_t>(3)[i] / 257.0, low.row<std::uint8_t>(3)[i], 0.51);
    EXPECT_NEAR(pictured.row<std::uint16_t>(3)[i] / 257.0, pictured_low.row<std::uint8_t>(3)[i], 0.51);
  }
}

TEST(ToU8, RoundsAllSixteenBitValues) {
  Image image({256, 256}, 1, PixelType::u16);
  for (int i = 0; i < 65536; ++i) image.row<std::uint16_t>(i / 256)[i % 256] = static_cast<std::uint16_t>(i);
  const Image result = to_u8(image);
  for (int i = 0; i < 65536; ++i) {
    ASSERT_EQ(result.row<std::uint8_t>(i / 256)[i % 256], (std::int64_t{i} * 255 + 32767) / 65535);
  }
}

TEST(ToU8, RoundsFloatsTheSameUnderAllTargets) {
  for (int width = 1; width <= 70; ++width) {
    Image image({width, 40}, 1, PixelType::f32);
    for (int y = 0; y < 40; ++y) {
      for (int x = 0; x < width; ++x) image.row<float>(y)[x] = (static_cast<float>(y * width + x) - 9.0F) / 1020.0F;
    }
    expect_same_under_each_target([&] { return to_u8(image); });
  }
  EXPECT_EQ(to_u8(to_f32(synthetic({9, 9}, 3))).row<std::uint8_t>(8)[20],
            synthetic({9, 9}, 3).row<std::uint8_t>(8)[20]);
}

TEST(ToRgb8, TakesEveryKindOfPicture) {
  for (const PixelType type : {PixelType::u8, PixelType::u16, PixelType::f32}) {
    for (const int channels : {1, 3, 4}) {
      const Image image = synthetic({31, 5}, channels, type);
      const Image result = to_rgb8(image);
      ASSERT_EQ(result.channels(), 3);
      ASSERT_EQ(result.type(), PixelType::u8);
      for (int x = 0; x < 31; ++x) {
        for (int c = 0; c < 3; ++c) {
          const int value = testing::synthetic_sample(x, 4, channels == 1 ? 0 : c);
          const int alpha = channels == 4 ? testing::synthetic_sample(x, 4, 3) : 255;
          EXPECT_EQ(result.row<std::uint8_t>(4)[3 * x + c], rounded((value * alpha + 255 * (255 - alpha)) / 255.0));
        }
      }
    }
  }
}

TEST(AlphaOf, TakesTheFourthChannel) {
  for (const PixelType type : {PixelType::u8, PixelType::u16, PixelType::f32}) {
    const Image rgba = synthetic({7, 5}, 4, type);
    const Image alpha = to_u8(alpha_of(rgba.view().crop({2, 1, 5, 4})));
    EXPECT_EQ(alpha.row<std::uint8_t>(3)[4], testing::synthetic_sample(6, 4, 3));
  }
}

TEST(Fit, KeepsProportionsInsideTheBox) {
  EXPECT_EQ(fit({4000, 3000}, {320, 320}), (Size{320, 240}));
  EXPECT_EQ(fit({100, 50}, {400, 400}), (Size{400, 200}));
  EXPECT_EQ(fit({10000, 1}, {100, 100}), (Size{100, 1}));
}

TEST(Cover, FillsAndCropsEvenly) {
  Image wide({300, 100}, 3);  // black, with a white middle third
  for (int y = 0; y < 100; ++y) {
    for (int x = 0; x < 900; ++x) wide.row<std::uint8_t>(y)[x] = x / 300 == 1 ? 255 : 0;
  }
  const Image result = cover(wide, {50, 50});
  EXPECT_EQ(result.size(), (Size{50, 50}));
  EXPECT_EQ(result.row<std::uint8_t>(25)[0], 255);
  EXPECT_EQ(result.row<std::uint8_t>(25)[3 * 49], 255);
  EXPECT_EQ(cover(synthetic({1, 500}, 3), {400, 30}).size(), (Size{400, 30}));
}

TEST(OpaqueBounds, LaterRowsThatAreNoWiderDoNotWidenIt) {
  Image alpha({40, 9}, 1);
  for (int y = 0; y < 9; ++y) {
    for (int x = 0; x < 40; ++x) alpha.row<std::uint8_t>(y)[x] = x >= 10 && x < 20 ? 255 : 0;
  }
  EXPECT_EQ(opaque_bounds(alpha, 9), (Rect{10, 0, 10, 9}));
}

TEST(OpaqueBounds, FindsTheSmallestRectangle) {
  under_each_target([] {
    for (const int channels : {1, 4}) {
      for (const PixelType type : {PixelType::u8, PixelType::u16, PixelType::f32}) {
        const Image dot = place(synthetic({1, 1}, channels), {70, 40}, -5, 0);
        const auto of = [&](const Image& image) {
          Image typed = type == PixelType::f32 ? to_f32(image) : copy(image);
          if (type == PixelType::u16) {
            typed = Image(image.size(), channels, type);
            for (int y = 0; y < image.height(); ++y) {
              std::transform(image.row<std::uint8_t>(y), image.row<std::uint8_t>(y) + image.width() * channels,
                             typed.row<std::uint16_t>(y), [](std::uint8_t v) { return std::uint16_t(v * 257); });
            }
          }
          return opaque_bounds(typed, 9);
        };
        EXPECT_EQ(of(dot), Rect());
        Image image = dot.clone();
        image.row<std::uint8_t>(7)[11 * channels + channels - 1] = 10;
        EXPECT_EQ(of(image), (Rect{11, 7, 1, 1}));
        image.row<std::uint8_t>(31)[3 * channels + channels - 1] = 255;
        image.row<std::uint8_t>(20)[69 * channels + channels - 1] = 40;
        image.row<std::uint8_t>(39)[0] = 9;  // at the threshold, or a colour: neither counts
        EXPECT_EQ(of(image), (Rect{3, 7, 67, 25}));
      }
    }
  });
}

TEST(Place, FillsAroundAndCutsWhatHangsOver) {
  for (const PixelType type : {PixelType::u8, PixelType::u16, PixelType::f32}) {
    const Image image = synthetic({10, 8}, 3, type);
    for (const auto& [x, y] : {std::pair{0, 0}, {5, 3}, {-4, -6}, {17, 10}, {50, 0}, {-50, -50}}) {
      const Image canvas = to_u8(place(image, {20, 12}, x, y, {1, 2, 3, 4}));
      for (int v = 0; v < 12; ++v) {
        for (int u = 0; u < 20; ++u) {
          const bool inside = u >= x && u < x + 10 && v >= y && v < y + 8;
          for (int c = 0; c < 3; ++c) {
            const int expected = inside ? testing::synthetic_sample(u - x, v - y, c) : c + 1;
            ASSERT_EQ(canvas.row<std::uint8_t>(v)[3 * u + c], expected) << u << "," << v;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace pixmill
