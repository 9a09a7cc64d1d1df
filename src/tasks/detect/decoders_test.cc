#include "tasks/detect/decoders.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/testing.h"

namespace pixmill::tasks {
namespace {

using pixmill::testing::error_of;

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

TEST(Decoders, Yolov8IsChannelMajorAndOverlapsGo) {
  Tensor output = zeros({1, 6, 3});  // cx cy w h, two classes; three anchors
  const float anchors[3][6] = {{20, 20, 10, 10, 0.1F, 0.9F}, {21, 20, 10, 10, 0, 0.5F}, {50, 50, 8, 4, 0.6F, 0}};
  for (int anchor = 0; anchor < 3; ++anchor) {
    for (int row = 0; row < 6; ++row)
      output.as<float>()[static_cast<std::size_t>(row * 3 + anchor)] = anchors[anchor][row];
  }
  const std::vector<Box> boxes = decode_boxes(card_for("yolov8"), {&output, 1}, 0.25F).boxes;
  ASSERT_EQ(boxes.size(), 2U);
  EXPECT_EQ(boxes[0].label, 1);
  EXPECT_FLOAT_EQ(boxes[0].left, 15);
  EXPECT_FLOAT_EQ(boxes[1].bottom, 52);
}

// Prototypes of two channels: each row ends with two coefficients, which are no class scores.
TEST(Decoders, RowsOfMasksStayWithTheirBoxes) {
  std::vector<Tensor> outputs;
  outputs.push_back(zeros({1, 8, 3}));  // cx cy w h, two classes, two coefficients; three anchors
  outputs.push_back(zeros({1, 2, 16, 16}));
  const float anchors[3][8] = {
      {20, 20, 10, 10, 0, 0.5F, 9, 9}, {20, 20, 10, 10, 0, 0.4F, 9, 9}, {50, 50, 8, 4, 0.6F, 0, 9, 9}};
  for (int anchor = 0; anchor < 3; ++anchor) {
    for (int row = 0; row < 8; ++row)
      outputs[0].as<float>()[static_cast<std::size_t>(row * 3 + anchor)] = anchors[anchor][row];
  }
  const Decoded found = decode_boxes(card_for("yolov8"), outputs, 0.25F);
  EXPECT_EQ(found.classes, 2);
  EXPECT_EQ(found.rows, (std::vector<std::int64_t>{2, 0}));
  outputs[0] = tensor({1, 2, 9}, {0, 0, 0, 0, 0, 0, 0, 9, 9,  // objectness, two classes, coefficients
                                  20, 20, 10, 10, 0.5F, 0.2F, 0.8F, 9, 9});
  EXPECT_EQ(decode_boxes(card_for("yolov5"), outputs, 0.25F).rows, std::vector<std::int64_t>{1});
  EXPECT_FLOAT_EQ(decode_boxes(card_for("yolov5"), outputs, 0.25F).boxes.at(0).score, 0.4F);
  outputs[0] = tensor({1, 2, 8}, {1, 2, 30, 40, 0, 5, 9, 9, 1, 2, 30, 41, 0.8F, 5, 9, 9});
  EXPECT_EQ(decode_boxes(card_for("end_to_end"), outputs, 0.25F).rows, std::vector<std::int64_t>{1});
}

TEST(Decoders, Yolov5AndYoloxMultiplyObjectness) {
  const Tensor v5 = tensor({1, 1, 7}, {20, 20, 10, 10, 0.5F, 0.2F, 0.8F});
  EXPECT_FLOAT_EQ(decode_boxes(card_for("yolov5"), {&v5, 1}, 0.25F).boxes.at(0).score, 0.4F);
  EXPECT_TRUE(decode_boxes(card_for("yolov5"), {&v5, 1}, 0.45F).boxes.empty());
  Tensor x = zeros({1, 64 + 16 + 4, 6});                  // 64x64 pixels: 8x8, 4x4 and 2x2 cells
  float* cell = x.as<float>().data() + (64 + 4 + 2) * 6;  // stride 16, row 1, column 2
  cell[0] = 0.5F;
  cell[2] = std::log(2.0F);
  cell[4] = cell[5] = 1.0F;
  const Box box = decode_boxes(card_for("yolox"), {&x, 1}, 0.25F).boxes.at(0);
  EXPECT_FLOAT_EQ(box.left, 40 - 16);
  EXPECT_FLOAT_EQ(box.top, 16 - 8);
  EXPECT_FLOAT_EQ(box.right, 40 + 16);
}

TEST(Decoders, NanodetReadsDistancesAsDistributions) {
  std::vector<Tensor> outputs;  // 64x64 pixels: 8x8, 4x4 and 2x2 cells; 3 classes; 8 bins
  for (const std::int64_t cells : {64, 16, 4}) outputs.push_back(zeros({1, cells, 3}));
  for (const std::int64_t cells : {64, 16, 4}) outputs.push_back(zeros({1, cells, 32}));
  const std::size_t cell = 4 + 2;  // of stride 16: row 1, column 2
  outputs[1].as<float>()[cell * 3 + 2] = 0.9F;
  for (std::size_t side = 0; side < 4; ++side) outputs[4].as<float>()[cell * 32 + side * 8 + side] = 50.0F;
  const Decoded found = decode_boxes(card_for("nanodet"), outputs, 0.25F);
  EXPECT_EQ(found.classes, 3);
  ASSERT_EQ(found.boxes.size(), 1U);
  EXPECT_EQ(found.boxes[0].label, 2);
  EXPECT_FLOAT_EQ(found.boxes[0].left, 40);
  EXPECT_FLOAT_EQ(found.boxes[0].top, 24 - 16);
  EXPECT_FLOAT_EQ(found.boxes[0].right, 40 + 2 * 16);
  EXPECT_FLOAT_EQ(found.boxes[0].bottom, 24 + 3 * 16);
}

TEST(Decoders, FastestdetWeighsObjectnessAndClass) {
  Tensor output = zeros({1, 7, 4, 4});
  const auto at = [&](std::size_t channel) -> float& { return output.as<float>()[channel * 16 + 4 + 3]; };
  at(0) = 0.5F;
  at(6) = 0.8F;
  const Decoded found = decode_boxes(card_for("fastestdet"), {&output, 1}, 0.25F);
  ASSERT_EQ(found.boxes.size(), 1U);
  EXPECT_EQ(found.boxes[0].label, 1);
  EXPECT_NEAR(found.boxes[0].score, std::pow(0.5, 0.6) * std::pow(0.8, 0.4), 1e-6);
  EXPECT_FLOAT_EQ(found.boxes[0].left, 48 - 16);  // a half of 64 pixels around column 3
  EXPECT_FLOAT_EQ(found.boxes[0].bottom, 16 + 16);
}

TEST(Decoders, YunetTakesTheRootOfBothScores) {
  std::vector<Tensor> outputs;
  for (const std::int64_t columns : {1, 1, 4, 10}) {
    for (const std::int64_t cells : {64, 16, 4}) outputs.push_back(zeros({1, cells, columns}));
  }
  outputs[2].as<float>()[3] = 0.81F;  // stride 32, row 1, column 1
  outputs[5].as<float>()[3] = 0.25F;
  outputs[8].as<float>()[3 * 4 + 3] = std::log(2.0F);
  outputs[11].as<float>()[3 * 10 + 9] = 0.5F;  // the last landmark's y
  const Decoded found = decode_boxes(card_for("yunet"), outputs, 0.25F);
  ASSERT_EQ(found.boxes.size(), 1U);
  EXPECT_FLOAT_EQ(found.boxes[0].score, 0.45F);
  EXPECT_FLOAT_EQ(found.boxes[0].left, 32 - 16);
  EXPECT_FLOAT_EQ(found.boxes[0].bottom, 32 + 32);
  EXPECT_EQ(found.points, (std::vector<std::vector<Point>>{{{32, 32}, {32, 32}, {32, 32}, {32, 32}, {32, 48}}}));
}

TEST(Decoders, EndToEndKeepsBoxesThatOverlap) {
  const Tensor output = tensor({1, 3, 6}, {1, 2, 30, 40, 0.9F, 5, 1, 2, 30, 41, 0.8F, 5, 0, 0, 9, 9, 0.1F, 0});
  const Decoded found = decode_boxes(card_for("end_to_end"), {&output, 1}, 0.25F);
  ASSERT_EQ(found.boxes.size(), 2U);
  EXPECT_EQ(found.boxes[1], (Box{1, 2, 30, 41, 0.8F, 5}));
  EXPECT_EQ(found.classes, 6);
}

TEST(Decoders, ListsOfLabelsBoxesAndScores) {
  std::vector<Tensor> outputs;
  Tensor labels({1, 2}, ElementType::i64);
  labels.as<std::int64_t>()[0] = 7;
  labels.as<std::int64_t>()[1] = 3;
  outputs.push_back(std::move(labels));
  outputs.push_back(tensor({1, 2, 4}, {1, 2, 30, 40, 1, 2, 30, 41}));
  outputs.push_back(tensor({1, 2}, {0.9F, 0.8F}));
  const Decoded listed = decode_boxes(card_for("listed"), outputs, 0.25F);
  EXPECT_EQ(listed.boxes, (std::vector<Box>{{1, 2, 30, 40, 0.9F, 7}, {1, 2, 30, 41, 0.8F, 3}}));
  EXPECT_EQ(listed.classes, 8);
  models::ModelCard few = card_for("listed");
  few.output.classes = {"cat"};
  error_of(ErrorCode::bad_model, [&] { decode_boxes(few, outputs, 0.25F); });

  std::vector<Tensor> counted;
  Tensor count({1, 1}, ElementType::i32);
  count.as<std::int32_t>()[0] = 1;
  counted.push_back(std::move(count));
  for (const std::size_t i : {1U, 2U, 0U}) counted.push_back(outputs[i].clone());
  EXPECT_EQ(decode_boxes(card_for("counted"), counted, 0.25F).boxes.size(), 1U) << "the others are old";
  counted[0].as<std::int32_t>()[0] = 3;
  error_of(ErrorCode::bad_model, [&] { decode_boxes(card_for("counted"), counted, 0.25F); });

  const Tensor seven = tensor({2, 7}, {0, 1, 2, 30, 40, 5, 0.9F, 0, 1, 2, 30, 41, 5, 0.1F});
  EXPECT_EQ(decode_boxes(card_for("yolov7_end_to_end"), {&seven, 1}, 0.25F).boxes,
            (std::vector<Box>{{1, 2, 30, 40, 0.9F, 5}}));
  const Tensor none({0, 7}, ElementType::f32);
  EXPECT_TRUE(decode_boxes(card_for("yolov7_end_to_end"), {&none, 1}, 0.25F).boxes.empty());
}

TEST(Decoders, QueriesAreSharesOfTheInput) {
  const Tensor rows = tensor({1, 2, 6}, {0.5F, 0.25F, 0.5F, 0.25F, 0.1F, 0.8F, 0.5F, 0.5F, 1, 1, 0.2F, 0.1F});
  EXPECT_EQ(decode_boxes(card_for("rtdetr", {64, 32}), {&rows, 1}, 0.25F).boxes,
            (std::vector<Box>{{16, 4, 48, 12, 0.8F, 1}}));
}

TEST(Decoders, RfdetrTakesTheBestPairsAndKnowsCocosNumbers) {
  std::vector<Tensor> outputs;
  outputs.push_back(tensor({1, 2, 4}, {0.5F, 0.5F, 0.5F, 0.5F, 0.25F, 0.25F, 0.5F, 0.5F}));
  outputs.push_back(tensor({1, 2, 3}, {-9, 2, 1, 0.5F, -9, 3}));
  models::ModelCard card = card_for("rfdetr");
  const Box first{16, 16, 48, 48}, second{0, 0, 32, 32};
  const auto of = [](Box box, float logit, int label) {
    box.score = 1 / (1 + std::exp(-logit));
    box.label = label;
    return box;
  };
  EXPECT_EQ(decode_boxes(card, outputs, 0.05F).boxes, (std::vector{of(second, 3, 2), of(first, 2, 1)}))
      << "two queries, two boxes";
  card.output.classes = {"cat", "dog"};  // the first column is for nothing
  EXPECT_EQ(decode_boxes(card, outputs, 0.05F).boxes, (std::vector{of(second, 3, 1), of(first, 2, 0)}));
  outputs[1] = Tensor({1, 2, 91}, ElementType::f32);
  std::fill(outputs[1].as<float>().begin(), outputs[1].as<float>().end(), -9.0F);
  outputs[1].as<float>()[1] = 2;        // person
  outputs[1].as<float>()[91 + 90] = 3;  // toothbrush
  outputs[1].as<float>()[12] = -1;      // no class of COCO, and not among the best two
  card.output.classes.clear();
  EXPECT_EQ(decode_boxes(card, outputs, 0.05F).boxes, (std::vector{of(second, 3, 79), of(first, 2, 0)}));
}

TEST(Decoders, AnotherShapeIsRefused) {
  const Tensor flat = zeros({1, 10});
  for (const char* decoder : {"yolov8", "yolov5", "yolox", "nanodet", "fastestdet", "yunet", "end_to_end",
                              "yolov7_end_to_end", "listed", "counted", "rtdetr", "rfdetr"}) {
    ASSERT_NE(find_decoder(decoder), nullptr);
    const std::vector<Tensor> outputs = [&] {
      std::vector<Tensor> many;
      for (int i = 0; i < find_decoder(decoder)->outputs; ++i) many.push_back(zeros({1, 10}));
      return many;
    }();
    const auto decode = [&] { decode_boxes(card_for(decoder), outputs, 0.25F); };
    EXPECT_SAYS(error_of(ErrorCode::bad_model, decode).message(), decoder);
  }
  error_of(ErrorCode::bad_model, [&] { decode_boxes(card_for("nanodet"), {&flat, 1}, 0.25F); });
  EXPECT_EQ(find_decoder("matte"), nullptr);
}

TEST(Decoders, WhatIsNoNumberIsAnErrorAndSoIsAnotherNumberOfClasses) {
  Tensor output = zeros({1, 6, 3});
  models::ModelCard card = card_for("yolov8");
  card.output.classes = {"cat", "dog", "cow"};
  EXPECT_SAYS(error_of(ErrorCode::bad_model, [&] { decode_boxes(card, {&output, 1}, 0.25F); }).message(), "2 classes");
  output.as<float>()[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_SAYS(error_of(ErrorCode::bad_model,
                       [&] {
                         decode_boxes(card_for("yolov8"), {&output, 1}, 0.25F);
                       })
                  .message(),
              "not a number");
}

}  // namespace
}  // namespace pixmill::tasks
