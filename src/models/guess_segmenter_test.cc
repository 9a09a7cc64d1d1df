#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "pixmill/models/class_names.h"
#include "pixmill/models/model_card.h"

namespace pixmill::models {
namespace {

using Shape = std::vector<std::int64_t>;

Port port(std::string name, Shape shape) {
  std::vector<std::string> names(shape.size());
  return {std::move(name), ElementType::f32, std::move(shape), std::move(names)};
}

ModelSignature masked(Shape table, Shape prototypes, std::vector<std::pair<std::string, std::string>> metadata = {}) {
  return {{port("images", {1, 3, 640, 640})},
          {port("output0", std::move(table)), port("output1", std::move(prototypes))},
          std::move(metadata)};
}

// Task and decoder.
std::string guessed(const ModelSignature& model) {
  const auto guess = guess_card(model, "a.onnx");
  if (!guess) return "none";
  EXPECT_EQ(mismatch(guess->card, model), "");
  return guess->card.task + " " + guess->card.output.decoder;
}

TEST(GuessSegmenter, ByTheShapesOfAllFamilies) {
  const Shape prototypes = {1, 32, 160, 160};
  EXPECT_EQ(guessed(masked({1, 116, 8400}, prototypes)), "segment yolov8");
  EXPECT_EQ(guessed(masked({1, 25200, 117}, prototypes)), "segment yolov5");
  EXPECT_EQ(guessed(masked({1, 300, 38}, prototypes)), "segment end_to_end");
  EXPECT_EQ(guessed(masked({1, 300, 38}, prototypes, {{"task", "segment"}})), "segment end_to_end");
  EXPECT_EQ(guessed(masked({1, 100, 8400}, {1, 16, 80, 80})), "segment yolov8") << "16 prototypes";
  EXPECT_EQ(guessed(masked({1, 116, 8400}, {1, 32, 160})), "none") << "no prototypes";
  EXPECT_EQ(guessed(masked({1, 116, 77}, prototypes)), "none");
  EXPECT_EQ(guessed(masked({1, 116, 8400}, prototypes, {{"task", "pose"}})), "none");
}

TEST(GuessSegmenter, TakesSizeAndNamesFromWhatTheExporterWrote) {
  ModelSignature open = masked({-1, -1, -1}, {-1, 32, -1, -1},
                               {{"task", "segment"}, {"imgsz", "[480, 640]"}, {"names", "{0: 'cat', 1: 'dog'}"}});
  open.inputs[0].shape = {-1, 3, -1, -1};
  const auto guess = guess_card(open, "a.onnx");
  ASSERT_TRUE(guess.has_value());
  EXPECT_EQ(guess->card.output.decoder, "yolov8");
  EXPECT_EQ(guess->card.input.size, (Size{640, 480}));
  EXPECT_EQ(guess->card.output.classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_NE(guess->why.find("masks of 32 prototypes"), std::string::npos);
  EXPECT_EQ(guess_card(masked({1, 116, 8400}, {1, 32, 160, 160}), "a.onnx")->card.output.classes, coco_80());
}

}  // namespace
}  // namespace pixmill::models
