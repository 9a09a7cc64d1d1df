#include "pixmill/core/matte.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "core/simd_testing.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/foreground.h"
#include "pixmill/core/guided_filter.h"
#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

using testing::synthetic;

// A disc with a soft edge. What surely is in or out is a little off 1 and 0, as models answer, by up to `noise`.
Image answer(Size size, float noise = 0.0015F) {
  Image small(size, 1, PixelType::f32);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const float distance = std::hypot((x + 0.5F) / size.width - 0.5F, (y + 0.5F) / size.height - 0.5F);
      const float cover = std::clamp((0.3F - distance) * 20.0F + 0.5F, 0.0F, 1.0F);
      const float off = noise * static_cast<float>(testing::synthetic_sample(x, y, 0)) / 255.0F;
      small.row<float>(y)[x] = std::clamp(cover + (cover > 0.5F ? -off : off), 0.0F, 1.0F);
    }
  }
  return small;
}

const std::vector<std::array<Size, 2>>& enlargements() {
  static const std::vector<std::array<Size, 2>> sizes = {
      {{{40, 30}, {403, 299}}}, {{{32, 32}, {32, 32}}},   {{{32, 40}, {20, 90}}}, {{{64, 64}, {31, 17}}},
      {{{1, 1}, {50, 70}}},     {{{30, 1}, {300, 1}}},    {{{1, 30}, {1, 200}}},  {{{20, 20}, {1, 1}}},
      {{{64, 64}, {640, 80}}},  {{{50, 50}, {130, 130}}},
  };
  return sizes;
}

double held(const Matte& matte) {
  double values = 0;
  for (int y = 0; y < matte.height(); ++y) {
    matte.each_run(y, [&](const Matte::Run& run) { values += run.values == nullptr ? 0 : run.width(); });
  }
  return values / static_cast<double>(matte.size().area());
}

TEST(Matte, IsTheBilinearEnlargementBitForBitWhereItHoldsValues) {
  for (const auto& [from, to] : enlargements()) {
    const Image small = answer(from);
    const Image expected = resize(small, to, Filter::bilinear);
    const Image whole = Matte(small, to, -1.0F).dense();
    const Matte sparse(small, to);
    for (int y = 0; y < to.height; ++y) {
      ASSERT_TRUE(std::equal(whole.row<float>(y), whole.row<float>(y) + to.width, expected.row<float>(y)));
      int next = 0;
      sparse.each_run(y, [&](const Matte::Run& run) {
        ASSERT_EQ(run.begin, next);
        next = run.end;
        for (int x = run.begin; x < run.end; ++x) {
          const float value = expected.row<float>(y)[x];
          if (run.values != nullptr) {
            ASSERT_EQ(run.values[x - run.begin], value);
          } else {
            ASSERT_NEAR(run.flat, value, Matte::kTrace + 1e-6F);
          }
        }
      });
      ASSERT_EQ(next, to.width);
    }
  }
}

TEST(Matte, HoldsOnlyWhatIsNeitherInNorOut) {
  EXPECT_LT(held(Matte(answer({320, 320}), {1500, 1000})), 0.12);
  EXPECT_GT(held(Matte(answer({320, 320}), {1500, 1000})), 0.05);
  EXPECT_EQ(held(Matte(answer({320, 320}), {1500, 1000}, -1.0F)), 1.0);
  EXPECT_GT(held(Matte(answer({320, 320}), {1500, 1000}, Matte::kDeepTrace)), 0.9);  // 16 bits show the noise
  EXPECT_EQ(held(Matte(Image(answer({20, 20})))), 1.0);
}

TEST(Matte, RowsAndRoundedPixelsAreThoseOfTheWhole) {
  for (const auto& [from, to] : enlargements()) {
    const Matte matte(answer(from), to);
    const Image dense = matte.dense(), rounded = matte.to_u8(), expected = to_u8(dense);
    std::vector<float> scratch;
    for (int y = 0; y < to.height; ++y) {
      const float* row = matte.row(y, scratch);
      ASSERT_TRUE(std::equal(row, row + to.width, dense.row<float>(y)));
      ASSERT_TRUE(std::equal(rounded.row<std::uint8_t>(y), rounded.row<std::uint8_t>(y) + to.width,
                             expected.row<std::uint8_t>(y)));
    }
  }
}

void expect_near(const Image& a, const Image& b, float tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) ASSERT_NEAR(a.row<float>(y)[x], b.row<float>(y)[x], tolerance) << x << "," << y;
  }
}

TEST(Matte, ReducesAsTheWholeDoesWithItsTraces) {
  for (const auto& [from, to] : enlargements()) {
    for (const Size size : {to, Size{std::min(to.width, 16), std::min(to.height, 11)}, Size{1, 1}}) {
      const Image small = answer(from);
      const Matte sparse(small, to);
      expect_near(sparse.reduced(size), resize(resize(small, to, Filter::bilinear), size, Filter::box), 2e-6F);
      expect_near(Matte(sparse.dense()).reduced(size), resize(sparse.dense(), size, Filter::box), 2e-6F);
    }
  }
}

TEST(Matte, CutsIntoWhatIsInAndOut) {
  const Image small = answer({40, 30});
  Matte matte(small, {403, 299});
  matte.cut(0.4F);
  const Image expected = resize(small, {403, 299}, Filter::bilinear), dense = matte.dense();
  for (int y = 0; y < 299; ++y) {
    for (int x = 0; x < 403; ++x) ASSERT_EQ(dense.row<float>(y)[x], expected.row<float>(y)[x] >= 0.4F ? 1.0F : 0.0F);
  }
  expect_near(matte.reduced({20, 20}), resize(dense, {20, 20}, Filter::box), 2e-6F);
}

TEST(Matte, BoundsAreThoseOfTheWhole) {
  for (const auto& [from, to] : enlargements()) {
    const Matte matte(answer(from), to);
    EXPECT_EQ(matte.bounds(25.0F / 255.0F), opaque_bounds(matte.dense(), 25));
    EXPECT_EQ(matte.bounds(1.0F), (Rect{0, 0, 0, 0}));
  }
  const Image nothing = answer({1, 1}, 0.0F);  // its only pixel is the middle of the disc
  EXPECT_EQ(Matte(nothing, {9, 5}).bounds(0.5F), (Rect{0, 0, 9, 5}));
}

// The finish of a cut-out on every pixel, and only where there is something to do.
template <typename T>
void expect_same_finish(Size from, Size to, int most) {
  const Image photo = synthetic(to, 3, pixel_type_of<T>());
  const Image seen = to_u8(photo);
  const Image small = answer(from);
  const float trace = sizeof(T) == 1 ? Matte::kTrace : Matte::kDeepTrace;
  const Matte sparse = enlarge_guided(small, seen, {}, trace);
  const Image everywhere = enlarge_guided(small, seen, {}, -1.0F).dense();
  const Image got = with_alpha(estimate_foreground(photo.clone(), sparse), sparse);
  const Image expected = with_alpha(estimate_foreground(photo.clone(), Matte(everywhere.clone())), everywhere);
  for (int y = 0; y < to.height; ++y) {
    const T *a = got.row<T>(y), *b = expected.row<T>(y);
    for (int x = 0; x < to.width; ++x, a += 4, b += 4) {
      ASSERT_EQ(a[3], b[3]) << x << "," << y;
      for (int c = 0; c < 3; ++c) ASSERT_NEAR(a[c], b[c], most) << x << "," << y;
    }
  }
}

TEST(Matte, FinishesAsTheWholePictureWayDoes) {
  for (const auto& [from, to] : enlargements()) {
    expect_same_finish<std::uint8_t>(from, to, 1);
    expect_same_finish<std::uint16_t>(from, to, 257);
  }
}

}  // namespace
}  // namespace pixmill
