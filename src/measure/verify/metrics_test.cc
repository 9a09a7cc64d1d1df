#include "measure/verify/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/testing.h"

namespace pixmill::measure {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

using pixmill::testing::error_of;
using tasks::Box;
using tasks::decode_boxes;
using tasks::knows_boxes;

Image matte(std::initializer_list<float> values) {
  Image image({static_cast<int>(values.size()), 1}, 1, PixelType::f32);
  std::copy(values.begin(), values.end(), image.row<float>(0));
  return image;
}

Tensor tensor(std::vector<std::int64_t> shape, std::initializer_list<float> values) {
  Tensor made(std::move(shape), ElementType::f32);
  EXPECT_EQ(made.size(), static_cast<std::int64_t>(values.size()));
  std::copy(values.begin(), values.end(), made.as<float>().begin());
  return made;
}

Tensor zeros(std::vector<std::int64_t> shape) {
  Tensor made(std::move(shape), ElementType::f32);
  std::fill(made.as<float>().begin(), made.as<float>().end(), 0.0F);
  return made;
}

models::ModelCard card_for(const std::string& decoder, Size size = {64, 64}) {
  models::ModelCard card;
  card.id = "model";
  card.output.decoder = decoder;
  card.input.size = size;
  return card;
}

TEST(Difference, OfKnownValues) {
  const Difference got = difference(std::vector<float>{0, 1, 2}, std::vector<float>{0.5F, 1, 0});
  EXPECT_DOUBLE_EQ(got.max, 2.0);
  EXPECT_DOUBLE_EQ(got.mean, 2.5 / 3);
  EXPECT_TRUE(got.finite);
  const Difference holed = difference(std::vector<float>{0, 1}, std::vector<float>{kNan, 1});
  EXPECT_FALSE(holed.finite);
  EXPECT_DOUBLE_EQ(holed.max, 0.0);
}

TEST(Iou, OfMattes) {
  EXPECT_DOUBLE_EQ(iou(matte({1, 1, 0, 0}), matte({1, 0, 1, 0})), 1.0 / 3);
  EXPECT_DOUBLE_EQ(iou(matte({0, 0.4F}), matte({0.3F, 0})), 1.0) << "two empty mattes agree";
  EXPECT_DOUBLE_EQ(iou(matte({1, 0}), matte({0, 0})), 0.0);
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

TEST(DetectionDecoders, Yolov8IsChannelMajorAndOverlapsGo) {
  Tensor output = zeros({1, 6, 3});  // cx cy w h, two classes; three anchors
  const float anchors[3][6] = {{20, 20, 10, 10, 0.1F, 0.9F}, {21, 20, 10, 10, 0, 0.5F}, {50, 50, 8, 4, 0.6F, 0}};
  for (int anchor = 0; anchor < 3; ++anchor) {
    for (int row = 0; row < 6; ++row)
      output.as<float>()[static_cast<std::size_t>(row * 3 + anchor)] = anchors[anchor][row];
  }
  const std::vector<Box> boxes = decode_boxes(card_for("yolov8"), {&output, 1}, 0.25F);
  ASSERT_EQ(boxes.size(), 2U);
  EXPECT_EQ(boxes[0].label, 1);
  EXPECT_FLOAT_EQ(boxes[0].left, 15);
  EXPECT_FLOAT_EQ(boxes[1].bottom, 52);
}

TEST(DetectionDecoders, Yolov5AndYoloxMultiplyObjectness) {
  const Tensor v5 = tensor({1, 1, 7}, {20, 20, 10, 10, 0.5F, 0.2F, 0.8F});
  EXPECT_FLOAT_EQ(decode_boxes(card_for("yolov5"), {&v5, 1}, 0.25F).at(0).score, 0.4F);
  EXPECT_TRUE(decode_boxes(card_for("yolov5"), {&v5, 1}, 0.45F).empty());
  Tensor x = zeros({1, 64 + 16 + 4, 6});                  // 64x64 pixels: 8x8, 4x4 and 2x2 cells
  float* cell = x.as<float>().data() + (64 + 4 + 2) * 6;  // stride 16, row 1, column 2
  cell[0] = 0.5F;
  cell[2] = std::log(2.0F);
  cell[4] = cell[5] = 1.0F;
  const Box box = decode_boxes(card_for("yolox"), {&x, 1}, 0.25F).at(0);
  EXPECT_FLOAT_EQ(box.left, 40 - 16);
  EXPECT_FLOAT_EQ(box.top, 16 - 8);
  EXPECT_FLOAT_EQ(box.right, 40 + 16);
}

TEST(DetectionDecoders, AnotherShapeIsRefused) {
  const Tensor flat = zeros({1, 10});
  for (const char* decoder : {"yolov8", "yolov5", "yolox", "nanodet", "fastestdet", "yunet"}) {
    EXPECT_TRUE(knows_boxes(decoder));
    EXPECT_SAYS(error_of(ErrorCode::bad_model,
                         [&] {
                           decode_boxes(card_for(decoder), {&flat, 1}, 0.25F);
                         })
                    .message(),
                decoder);
  }
  EXPECT_FALSE(knows_boxes("matte"));
}

TEST(Agreement, IsByTheTasksOwnMetric) {
  const Tensor half = tensor({1, 1, 1, 2}, {0.9F, 0.1F}), moved = tensor({1, 1, 1, 2}, {0.8F, 0.2F});
  EXPECT_DOUBLE_EQ(agreement(card_for("matte"), {&half, 1}, {&moved, 1}).score, 1.0);
  EXPECT_NEAR(agreement(card_for("picture"), {&half, 1}, {&moved, 1}).score, 20.0, 1e-4);
  EXPECT_NEAR(agreement(card_for("vector"), {&half, 1}, {&moved, 1}).score, 0.74 / std::sqrt(0.82 * 0.68), 1e-6);
  const Tensor a = tensor({1, 2, 1, 2}, {0.9F, 0.1F, 0.2F, 0.8F}), b = tensor({1, 2, 1, 2}, {0.9F, 0.1F, 0.2F, 0.05F});
  EXPECT_DOUBLE_EQ(agreement(card_for("classes"), {&a, 1}, {&b, 1}).score, 0.5);
  EXPECT_DOUBLE_EQ(agreement(card_for("layers"), {&a, 1}, {&b, 1}).score, 0.5);
  const Tensor holed = tensor({1, 1, 1, 2}, {0.9F, kNan});
  const Agreement broken = agreement(card_for("matte"), {&half, 1}, {&holed, 1});
  EXPECT_FALSE(broken.difference.finite);
  EXPECT_DOUBLE_EQ(broken.score, 0.0);
  error_of(ErrorCode::bad_model, [&] { agreement(card_for("matte"), {&half, 1}, {&a, 1}); });
}

TEST(TruthIou, IsTakenAtTheMasksSize) {
  Tensor output = zeros({1, 1, 4, 4});
  for (std::size_t i = 0; i < 16; ++i) output.as<float>()[i] = i % 4 < 2 ? 1.0F : 0.0F;  // the left half
  Image mask({40, 20}, 1);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 40; ++x) mask.row<std::uint8_t>(y)[x] = x < 20 ? 255 : 0;
  }
  EXPECT_NEAR(truth_iou(card_for("matte", {4, 4}), output, {40, 20}, mask), 1.0, 0.06);
}

}  // namespace
}  // namespace pixmill::measure
