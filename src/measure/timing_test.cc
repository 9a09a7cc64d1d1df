#include "pixmill/measure/timing.h"

#include <gtest/gtest.h>

namespace pixmill::measure {
namespace {

TEST(Statistics, OfKnownValues) {
  const Statistics got = statistics({4, 1, 3, 2, 10});
  EXPECT_EQ(got.count, 5);
  EXPECT_DOUBLE_EQ(got.min, 1);
  EXPECT_DOUBLE_EQ(got.max, 10);
  EXPECT_DOUBLE_EQ(got.mean, 4);
  EXPECT_DOUBLE_EQ(got.median, 3);
  EXPECT_DOUBLE_EQ(got.p95, 10);
  EXPECT_NEAR(got.deviation, 3.5355, 1e-4);
}

TEST(Statistics, MedianOfAnEvenNumberLiesBetween) {
  EXPECT_DOUBLE_EQ(statistics({1, 2, 3, 10}).median, 2.5);
}

TEST(Statistics, P95LeavesTheRareOutlierOut) {
  std::vector<double> values(99, 1.0);
  values.push_back(50.0);
  EXPECT_DOUBLE_EQ(statistics(values).p95, 1.0);
}

TEST(Statistics, OfNothingAndOfOne) {
  EXPECT_EQ(statistics({}).count, 0);
  EXPECT_DOUBLE_EQ(statistics({7}).p95, 7);
  EXPECT_DOUBLE_EQ(statistics({7}).deviation, 0);
}

}  // namespace
}  // namespace pixmill::measure
