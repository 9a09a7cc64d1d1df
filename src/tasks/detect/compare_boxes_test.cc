#include "tasks/detect/compare_boxes.h"

#include <gtest/gtest.h>

#include <vector>

namespace pixmill::tasks {
namespace {

TEST(MatchedShare, CountsPartnersBothWays) {
  const Box box{0, 0, 100, 100, 0.9F, 3}, shifted{3, 0, 103, 100, 0.8F, 3}, far{50, 0, 150, 100, 0.9F, 3};
  Box other_class = box;
  other_class.label = 4;
  Box faint = box;
  faint.score = 0.22F;
  EXPECT_NEAR(iou(box, far), 1.0 / 3, 1e-6);
  EXPECT_DOUBLE_EQ(matched_share(std::vector{box}, std::vector{shifted}), 1.0);
  EXPECT_DOUBLE_EQ(matched_share(std::vector{box}, std::vector{far}), 0.0);
  EXPECT_DOUBLE_EQ(matched_share(std::vector{box}, std::vector{other_class}), 0.0);
  EXPECT_DOUBLE_EQ(matched_share(std::vector{box, far}, std::vector{box}), 2.0 / 3) << "one of three has no partner";
  EXPECT_DOUBLE_EQ(matched_share(std::vector{box}, std::vector{faint}), 1.0) << "at the limit of confidence";
  EXPECT_DOUBLE_EQ(matched_share({}, {}), 1.0);
}

}  // namespace
}  // namespace pixmill::tasks
