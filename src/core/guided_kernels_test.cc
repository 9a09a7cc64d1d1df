#include "core/guided_kernels.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "core/simd_testing.h"

namespace pixmill {
namespace {

constexpr int kColumns = 3 * kGuidedColumns;
constexpr int kFilled = 41;  // columns of the picture; zeros stand in the others

// `rows` rows of `planes` planes with `margin` zeros at both sides.
struct Rows {
  Rows(int planes, int rows, int beside)
      : pitch(static_cast<std::size_t>(kColumns + 2 * beside)),
        margin(beside),
        values(pitch * static_cast<std::size_t>(planes * rows)) {}

  Grid<float> to() { return {values.data() + margin, pitch}; }
  Grid<const float> from() const { return {values.data() + margin, pitch}; }

  std::size_t pitch;
  int margin;
  std::vector<float> values;
};

Rows pixels(int rows, int margin) {
  Rows made(kGuidedPixel, rows, margin);
  for (int k = 0; k < kGuidedPixel * rows; ++k) {
    for (int x = 0; x < kFilled; ++x) {
      made.to().row(k)[x] = static_cast<float>(testing::synthetic_sample(x, k / kGuidedPixel, k % kGuidedPixel)) / 255;
    }
  }
  return made;
}

std::vector<float> inverse(int pixels) {
  std::vector<float> made(kColumns);
  for (int x = 0; x < kFilled; ++x) made[static_cast<std::size_t>(x)] = 1.0F / static_cast<float>(pixels);
  return made;
}

void expect_near(const Rows& made, const Rows& expected, float tolerance) {
  ASSERT_EQ(made.values.size(), expected.values.size());
  for (std::size_t i = 0; i < made.values.size(); ++i) {
    ASSERT_NEAR(made.values[i], expected.values[i], tolerance) << "value " << i;
  }
}

TEST(GuidedKernels, SplitsWholeVectorsAndTheRest) {
  const Image photo = testing::synthetic({kFilled, 1}, 3);
  for (const int count : {1, 5, 16, kFilled}) {
    Rows expected(kGuidedPixel, 1, 0);
    kScalarGuidedKernels.split(photo.row<std::uint8_t>(0), count, expected.to());
    testing::under_each_target([&] {
      Rows made(kGuidedPixel, 1, 0);
      guided_kernels().split(photo.row<std::uint8_t>(0), count, made.to());
      for (int c = 0; c < 3; ++c) {
        for (int x = 0; x < count; ++x) ASSERT_FLOAT_EQ(made.from().row(c)[x], expected.from().row(c)[x]);
      }
    });
  }
}

TEST(GuidedKernels, MomentsAndFitsAreThoseOfTheScalarTwins) {
  constexpr float kEpsilon = 3e-4F;
  for (const int radius : {1, 2, 5}) {
    const int rows = 2 * radius + 1;
    const Rows window = pixels(rows, radius);
    const std::vector<float> share = inverse(rows * rows);
    Rows moments(kGuidedMoments, 1, radius), fits(kGuidedFit, 1, radius);
    kScalarGuidedKernels.add_moments(window.from(), rows, kColumns, moments.to());
    kScalarGuidedKernels.fit(moments.from(), share.data(), radius, kEpsilon, kColumns, fits.to());
    testing::under_each_target([&] {
      Rows made_moments(kGuidedMoments, 1, radius), made_fits(kGuidedFit, 1, radius);
      guided_kernels().add_moments(window.from(), rows, kColumns, made_moments.to());
      expect_near(made_moments, moments, 1e-5F);
      guided_kernels().fit(made_moments.from(), share.data(), radius, kEpsilon, kColumns, made_fits.to());
      expect_near(made_fits, fits, 1e-3F);
      for (int k = 0; k < kGuidedFit; ++k) {
        for (int x = kFilled; x < kColumns; ++x) ASSERT_EQ(made_fits.from().row(k)[x], 0.0F);
      }
    });
  }
}

TEST(GuidedKernels, DetailsAreThoseOfTheScalarTwins) {
  for (const int radius : {1, 2, 5}) {
    const int rows = 2 * radius + 1;
    const Rows window = pixels(rows, radius);  // any numbers will do as fits
    const std::vector<float> share = inverse(rows * rows);
    Rows sums(kGuidedFit, 1, radius);
    kScalarGuidedKernels.add_fits(window.from(), rows, kColumns, sums.to());
    std::vector<Detail> details(kFilled);
    kScalarGuidedKernels.detail(sums.from(), share.data(), radius, window.from(), 0.5F, kFilled, details.data());
    testing::under_each_target([&] {
      Rows made_sums(kGuidedFit, 1, radius);
      guided_kernels().add_fits(window.from(), rows, kColumns, made_sums.to());
      expect_near(made_sums, sums, 1e-5F);
      std::vector<Detail> made(kFilled + 1, Detail{9.0F, {}, {}, 9.0F});
      guided_kernels().detail(made_sums.from(), share.data(), radius, window.from(), 0.5F, kFilled, made.data());
      for (std::size_t x = 0; x < details.size(); ++x) {
        ASSERT_NEAR(made[x].shift, details[x].shift, 1e-5F) << "column " << x;
        for (int c = 0; c < 3; ++c) {
          ASSERT_NEAR(made[x].slope[c], details[x].slope[c], 1e-5F);
          ASSERT_EQ(made[x].guide[c], details[x].guide[c]);
        }
        ASSERT_EQ(made[x].unused, 0.0F);
      }
      ASSERT_EQ(made.back().shift, 9.0F);  // not a column more than was asked for
    });
  }
}

}  // namespace
}  // namespace pixmill
