#include "tasks/compare/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace pixmill::tasks {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Difference, OfKnownValues) {
  const Difference got = difference(std::vector<float>{0, 1, 2}, std::vector<float>{0.5F, 1, 0});
  EXPECT_DOUBLE_EQ(got.max, 2.0);
  EXPECT_DOUBLE_EQ(got.mean, 2.5 / 3);
  EXPECT_TRUE(got.finite);
  const Difference holed = difference(std::vector<float>{0, 1}, std::vector<float>{kNan, 1});
  EXPECT_FALSE(holed.finite);
  EXPECT_DOUBLE_EQ(holed.max, 0.0);
}

TEST(Psnr, OfKnownValues) {
  EXPECT_NEAR(psnr(std::vector<float>{0, 0, 0, 0}, std::vector<float>{0.1F, 0.1F, 0.1F, 0.1F}), 20.0, 1e-5);
  EXPECT_DOUBLE_EQ(psnr(std::vector<float>{0.5F}, std::vector<float>{0.5F}), kEqualDb);
  EXPECT_DOUBLE_EQ(psnr(std::vector<float>{1}, std::vector<float>{3}), kEqualDb) << "both are white in a picture";
}

TEST(Cosine, OfKnownValues) {
  EXPECT_NEAR(cosine(std::vector<float>{1, 0}, std::vector<float>{1, 1}), std::sqrt(0.5), 1e-12);
  EXPECT_DOUBLE_EQ(cosine(std::vector<float>{1, 2}, std::vector<float>{-1, -2}), -1.0);
  EXPECT_DOUBLE_EQ(cosine(std::vector<float>{0, 0}, std::vector<float>{0, 0}), 1.0);
  EXPECT_DOUBLE_EQ(cosine(std::vector<float>{1, 0}, std::vector<float>{0, 0}), 0.0);
}

}  // namespace
}  // namespace pixmill::tasks
