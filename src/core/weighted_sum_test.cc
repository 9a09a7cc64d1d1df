#include "pixmill/core/weighted_sum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/simd_testing.h"

namespace pixmill {
namespace {

TEST(WeightedSumTest, KnownSums) {
  const std::vector<float> planes = {1, 2, 3, 0, 10, 20, 30, 0};
  std::vector<float> out(3);
  weighted_sum(planes.data(), 4, std::vector<float>{2, -1}, out);
  EXPECT_EQ(out, (std::vector<float>{-8, -16, -24}));
  weighted_sum(planes.data(), 4, {}, out);
  EXPECT_EQ(out, (std::vector<float>{0, 0, 0}));
}

TEST(WeightedSumTest, SameUnderEachTarget) {
  constexpr std::size_t kPlanes = 32, kStep = 200;
  std::vector<float> planes(kPlanes * kStep), weights(kPlanes);
  for (std::size_t i = 0; i < planes.size(); ++i) planes[i] = std::sin(static_cast<float>(i) * 0.7F);
  for (std::size_t k = 0; k < kPlanes; ++k) weights[k] = std::cos(static_cast<float>(k * k));
  testing::under_each_target([&] {
    for (std::size_t count = 0; count <= 150; ++count) {
      std::vector<float> out(count + 1, 77);
      weighted_sum(planes.data() + 3, kStep, weights, std::span(out).first(count));
      EXPECT_EQ(out[count], 77);
      for (std::size_t i = 0; i < count; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < kPlanes; ++k) sum += static_cast<double>(weights[k]) * planes[3 + k * kStep + i];
        ASSERT_NEAR(out[i], sum, 1e-5) << i << " of " << count;
      }
    }
  });
}

}  // namespace
}  // namespace pixmill
