#include "tasks/segment/compare_masks.h"

#include <gtest/gtest.h>

namespace pixmill::tasks {
namespace {

Detection block(int x, int label, float score) {
  RunMaskBuilder mask({20, 10});
  for (int column = x; column < x + 4; ++column) mask.add(column, 0, 10);
  return {{static_cast<float>(x), 0, static_cast<float>(x + 4), 10, score, label}, mask.take()};
}

TEST(CompareMasksTest, OverlapsBothWays) {
  const std::vector<Detection> one = {block(0, 0, 0.9F)};
  EXPECT_DOUBLE_EQ(mean_mask_iou(one, one), 1);
  EXPECT_DOUBLE_EQ(mean_mask_iou(one, {block(1, 0, 0.9F)}), 0.6);
  EXPECT_DOUBLE_EQ(mean_mask_iou(one, {block(0, 1, 0.9F)}), 0) << "another class";
  EXPECT_DOUBLE_EQ(mean_mask_iou(one, {block(0, 0, 0.9F), block(12, 0, 0.8F)}), 2.0 / 3);
  EXPECT_DOUBLE_EQ(mean_mask_iou({}, {}), 1);
  EXPECT_DOUBLE_EQ(mean_mask_iou(one, {}), 0);
}

TEST(CompareMasksTest, ThingsAtTheLimitMayComeAndGo) {
  EXPECT_DOUBLE_EQ(mean_mask_iou({block(0, 0, 0.26F)}, {block(0, 0, 0.21F)}), 1);
  EXPECT_DOUBLE_EQ(mean_mask_iou({block(0, 0, 0.2F)}, {}), 1) << "counts on neither side";
}

TEST(CompareMasksTest, SegmentersAreJudgedByTheirMasks) {
  models::ModelCard card;
  card.task = "segment";
  for (const char* decoder : {"yolov8", "yolov5", "end_to_end"}) {
    card.output.decoder = decoder;
    EXPECT_EQ(comparison_of(card).name, "mask IoU");
  }
  card.output.decoder = "classes";
  EXPECT_EQ(comparison_of(card).name, "labels");
  card.task = "detect", card.output.decoder = "yolov8";
  EXPECT_EQ(comparison_of(card).name, "boxes");
}

}  // namespace
}  // namespace pixmill::tasks
