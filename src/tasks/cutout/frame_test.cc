#include "tasks/cutout/frame.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pixmill/core/composite.h"
#include "tasks/cutout/shadow.h"

namespace pixmill::tasks {
namespace {

// A matte that is `level` in `box` and 0 elsewhere.
Image matte_with(Size size, const Rect& box, float level = 1.0F) {
  Image matte(size, 1, PixelType::f32);
  for (int y = 0; y < size.height; ++y) {
    std::fill_n(matte.row<float>(y), size.width, 0.0F);
    if (y >= box.y && y < box.y + box.height) std::fill_n(matte.row<float>(y) + box.x, box.width, level);
  }
  return matte;
}

CutoutOptions trimming(float margin = 0.0F) {
  CutoutOptions options;
  options.trim = true;
  options.margin = margin;
  return options;
}

CutoutOptions canvas(Size size, float margin = 0.0F) {
  CutoutOptions options;
  options.canvas = size;
  options.margin = margin;
  return options;
}

TEST(Frame, IsTheWholePhotoByDefault) {
  const Image matte = matte_with({100, 80}, {10, 10, 20, 20});
  EXPECT_EQ(frame_of(Matte(matte.clone()), {}), (Frame{{0, 0, 100, 80}, {100, 80}, {100, 80}, 0, 0}));
}

TEST(Frame, TrimsToTheSubjectAndIgnoresFaintNoise) {
  Image matte = matte_with({100, 80}, {10, 12, 20, 30});
  matte.row<float>(70)[90] = 0.05F;
  EXPECT_EQ(frame_of(Matte(matte.clone()), trimming()), (Frame{{10, 12, 20, 30}, {20, 30}, {20, 30}, 0, 0}));
  EXPECT_EQ(frame_of(Matte(matte.clone()), trimming(0.1F)), (Frame{{10, 12, 20, 30}, {20, 30}, {24, 34}, 2, 2}));
}

TEST(Frame, FitsTheSubjectIntoTheCanvasEnlargingOrReducing) {
  const Image small = matte_with({100, 80}, {10, 12, 20, 40});
  EXPECT_EQ(frame_of(Matte(small.clone()), canvas({200, 100}, 0.1F)),
            (Frame{{10, 12, 20, 40}, {40, 80}, {200, 100}, 80, 10}));
  const Image large = matte_with({1000, 800}, {100, 100, 800, 400});
  EXPECT_EQ(frame_of(Matte(large.clone()), canvas({100, 100})),
            (Frame{{100, 100, 800, 400}, {100, 50}, {100, 100}, 0, 25}));
}

TEST(Frame, WithoutASubjectShowsTheWholePhoto) {
  const Image empty = matte_with({100, 50}, {0, 0, 0, 0});
  EXPECT_EQ(frame_of(Matte(empty.clone()), trimming()), (Frame{{0, 0, 100, 50}, {100, 50}, {100, 50}, 0, 0}));
  EXPECT_EQ(frame_of(Matte(empty.clone()), canvas({200, 200})),
            (Frame{{0, 0, 100, 50}, {200, 100}, {200, 200}, 0, 50}));
}

TEST(Frame, LeavesRoomForTheShadowEvenBeyondThePhoto) {
  const Image matte = matte_with({100, 80}, {0, 20, 60, 60});
  CutoutOptions options = trimming();
  options.shadow = true;
  const ShadowReach reach = shadow_reach({60, 60});
  ASSERT_GT(reach.side, 0);
  ASSERT_GT(reach.below, 0);
  EXPECT_EQ(frame_of(Matte(matte.clone()), options), (Frame{{0, 20, 60 + reach.side, 60},
                                                            {60 + reach.side, 60},
                                                            {60 + 2 * reach.side, 60 + reach.below},
                                                            reach.side,
                                                            0}));
}

// Red where `matte` is 1, transparent blue elsewhere.
Image red_on_hidden_blue(const Image& matte) {
  Image picture(matte.size(), 4);
  for (int y = 0; y < matte.height(); ++y) {
    std::uint8_t* to = picture.row<std::uint8_t>(y);
    for (int x = 0; x < matte.width(); ++x, to += 4) {
      const bool inside = matte.row<float>(y)[x] > 0.5F;
      to[0] = inside ? 255 : 0;
      to[1] = 0;
      to[2] = inside ? 0 : 255;
      to[3] = inside ? 255 : 0;
    }
  }
  return picture;
}

TEST(Show, ScalesWithoutBleedingHiddenColours) {
  const Image matte = matte_with({64, 64}, {16, 16, 32, 32});
  const Frame frame = {{8, 8, 48, 48}, {30, 30}, {40, 50}, 5, 10};
  const Image shown = show(red_on_hidden_blue(matte), frame);
  ASSERT_EQ(shown.size(), (Size{40, 50}));
  int visible = 0;
  for (int y = 0; y < 50; ++y) {
    for (int x = 0; x < 40; ++x) {
      const std::uint8_t* pixel = shown.row<std::uint8_t>(y) + 4 * x;
      if (pixel[3] < 8) continue;
      ++visible;
      EXPECT_GE(pixel[0], 250);
      EXPECT_EQ(pixel[2], 0);
      EXPECT_TRUE(x >= 5 && x < 35 && y >= 10 && y < 40);
    }
  }
  EXPECT_NEAR(visible, 20 * 20, 90);
}

TEST(Show, SixteenBitsAndMasksKeepTheirDepth) {
  const Frame frame = {{0, 0, 10, 10}, {5, 5}, {8, 8}, 1, 1};
  Image deep(Size{10, 10}, 4, PixelType::u16);
  Image mask(Size{10, 10}, 1);
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 10; ++x) {
      for (int c = 0; c < 4; ++c) deep.row<std::uint16_t>(y)[4 * x + c] = c == 3 ? 65535 : 12345;
      mask.row<std::uint8_t>(y)[x] = 200;
    }
  }
  const Image picture = show(std::move(deep), frame);
  EXPECT_EQ(picture.row<std::uint16_t>(3)[4 * 3], 12345);
  EXPECT_EQ(picture.row<std::uint16_t>(0)[3], 0);
  const Image shown = show(std::move(mask), frame);
  EXPECT_EQ(shown.row<std::uint8_t>(3)[3], 200);
  EXPECT_EQ(shown.row<std::uint8_t>(0)[0], 0);
}

TEST(Shadow, LiesUnderTheSubjectAndNotOverIt) {
  const Image matte = matte_with({120, 120}, {30, 20, 60, 70});
  Image picture = red_on_hidden_blue(matte);
  const Image before = picture.clone();
  cast_shadow(picture);
  const auto alpha = [&](int x, int y) { return picture.row<std::uint8_t>(y)[4 * x + 3]; };
  for (int y = 20; y < 90; ++y) {
    ASSERT_TRUE(std::equal(picture.row<std::uint8_t>(y) + 120, picture.row<std::uint8_t>(y) + 360,
                           before.row<std::uint8_t>(y) + 120));
  }
  EXPECT_GT(alpha(60, 91), 60);
  EXPECT_GT(alpha(60, 91), alpha(60, 96));
  EXPECT_LT(picture.row<std::uint8_t>(91)[4 * 60], 10);  // black, not red
  EXPECT_EQ(alpha(60, 119), 0);
  EXPECT_EQ(alpha(60, 5), 0);
  EXPECT_EQ(alpha(2, 91), 0);
}

TEST(Shadow, NeedsASubjectAndIsCutAtTheEdge) {
  Image empty = red_on_hidden_blue(matte_with({20, 20}, {0, 0, 0, 0}));
  cast_shadow(empty);
  EXPECT_EQ(opaque_bounds(empty).width, 0);
  for (const Rect& box : {Rect{0, 0, 20, 20}, Rect{0, 0, 1, 1}, Rect{19, 19, 1, 1}, Rect{0, 18, 20, 2}}) {
    Image picture = red_on_hidden_blue(matte_with({20, 20}, box));
    cast_shadow(picture);
    EXPECT_EQ(picture.row<std::uint8_t>(box.y)[4 * box.x + 3], 255);
  }
}

}  // namespace
}  // namespace pixmill::tasks
