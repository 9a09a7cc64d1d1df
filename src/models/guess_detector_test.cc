#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "pixmill/models/class_names.h"
#include "pixmill/models/model_card.h"

namespace pixmill::models {
namespace {

using Shape = std::vector<std::int64_t>;
constexpr std::int64_t kAny = -1;

Port port(std::string name, Shape shape) {
  std::vector<std::string> names(shape.size());
  return {std::move(name), ElementType::f32, std::move(shape), std::move(names)};
}

ModelSignature signature(Shape input, std::vector<Port> outputs,
                         std::vector<std::pair<std::string, std::string>> metadata = {}) {
  return {{port("images", std::move(input))}, std::move(outputs), std::move(metadata)};
}

// The guessed card, read back from its YAML; an empty one where none was guessed.
ModelCard guessed(const ModelSignature& model) {
  const auto guess = guess_card(model, "my detector.onnx");
  if (!guess) return {};
  EXPECT_EQ(mismatch(guess->card, model), "");
  EXPECT_EQ(guess->card.task, "detect");
  EXPECT_EQ(guess->card.id, "my-detector");
  return parse_card(to_yaml(guess->card), "guess");
}

std::string decoder_of(const ModelSignature& model) {
  return guess_card(model, "a.onnx") ? guessed(model).output.decoder : "none";
}

TEST(GuessDetector, ByTheShapesOfAllFamilies) {
  const Shape square = {1, 3, 640, 640};
  EXPECT_EQ(decoder_of(signature(square, {port("output0", {1, 84, 8400})})), "yolov8");
  EXPECT_EQ(decoder_of(signature(square, {port("output", {1, 25200, 85})})), "yolov5");
  EXPECT_EQ(decoder_of(signature(square, {port("output", {1, 8400, 85})})), "yolox");
  EXPECT_EQ(decoder_of(signature(square, {port("output0", {1, 300, 6})})), "end_to_end");
  EXPECT_EQ(decoder_of(signature({1, 3, 192, 192}, {port("output", {1, 756, 6})})), "yolox") << "one class";
  EXPECT_EQ(decoder_of(signature({1, 3, 352, 352}, {port("758", {1, 85, 22, 22})})), "fastestdet");
  std::vector<Port> nanodet, yunet;
  for (const char* kind : {"cls_pred_stride_", "dis_pred_stride_"}) {
    for (const auto& [stride, cells] : {std::pair{8, 1600}, {16, 400}, {32, 100}})
      nanodet.push_back(port(kind + std::to_string(stride), {1, cells, kind[0] == 'c' ? 80 : 32}));
  }
  for (const char* kind : {"cls_", "obj_", "bbox_", "kps_"}) {
    for (const auto& [stride, cells] : {std::pair{8, 6400}, {16, 1600}, {32, 400}})
      yunet.push_back(port(kind + std::to_string(stride), {1, cells, 1}));
  }
  EXPECT_EQ(decoder_of(signature({1, 3, 320, 320}, nanodet)), "nanodet");
  EXPECT_EQ(decoder_of(signature(square, yunet)), "yunet");
  EXPECT_EQ(guessed(signature(square, yunet)).output.classes, std::vector<std::string>{"face"});
}

TEST(GuessDetector, ModelsThatChooseTheirBoxesThemselves) {
  const Shape square = {1, 3, 640, 640};
  ModelSignature dfine = signature(
      {kAny, 3, 640, 640}, {port("labels", {kAny, 300}), port("boxes", {kAny, 300, 4}), port("scores", {kAny, 300})});
  dfine.outputs[0].type = ElementType::i64;
  EXPECT_FALSE(guessed(dfine).input.takes_size);
  dfine.inputs.push_back(port("orig_target_sizes", {kAny, 2}));
  dfine.inputs[1].type = ElementType::i64;
  const ModelCard card = guessed(dfine);
  EXPECT_EQ(card.output.decoder, "listed");
  EXPECT_TRUE(card.input.takes_size);
  EXPECT_EQ(card.input.fit, Fit::stretch);
  EXPECT_EQ(card.input.filter, Filter::bilinear);
  EXPECT_TRUE(card.output.classes.empty());
  EXPECT_EQ(guess_card(dfine, "dfine_s_obj2coco.onnx")->card.output.classes, coco_80());
  const ModelCard rfdetr =
      guessed(signature({1, 3, 384, 384}, {port("dets", {1, 300, 4}), port("labels", {1, 300, 91})}));
  EXPECT_EQ(rfdetr.output.decoder, "rfdetr");
  EXPECT_EQ(rfdetr.output.classes, coco_80());
  EXPECT_FLOAT_EQ(rfdetr.input.mean[0], 0.485F);
  EXPECT_EQ(decoder_of(signature(square, {port("output0", {1, 300, 84})})), "rtdetr");
  EXPECT_EQ(decoder_of(signature(square, {port("output0", {1, 300, 6})},
                                 {{"description", "Ultralytics rtdetr-l model"}, {"names", "{0: 'a', 1: 'b'}"}})),
            "rtdetr");
  EXPECT_EQ(decoder_of(signature(square, {port("num_dets", {1, 1}), port("det_boxes", {1, 100, 4}),
                                          port("det_scores", {1, 100}), port("det_classes", {1, 100})})),
            "counted");
  EXPECT_EQ(decoder_of(signature(square, {port("output", {kAny, 7})})), "yolov7_end_to_end");
}

TEST(GuessDetector, BytesAndOtherLayouts) {
  ModelSignature model = signature({1, 640, 640, 3}, {port("output0", {1, 84, 8400})});
  model.inputs[0].type = ElementType::u8;
  const ModelCard card = guessed(model);
  EXPECT_EQ(card.output.decoder, "yolov8");
  EXPECT_FALSE(card.input.planar);
  EXPECT_EQ(card.input.scale, Scale::none);
  ModelCard scaled = card;
  scaled.input.scale = Scale::unit;
  EXPECT_NE(mismatch(scaled, model).find("takes bytes"), std::string::npos);
}

TEST(GuessDetector, TakesSizeAndNamesFromWhatTheExporterWrote) {
  const ModelCard card =
      guessed(signature({kAny, 3, kAny, kAny}, {port("output0", {kAny, 6, kAny})},
                        {{"task", "detect"}, {"imgsz", "[480, 640]"}, {"names", "{0: 'cat', 1: 'dog'}"}}));
  EXPECT_EQ(card.output.decoder, "yolov8");
  EXPECT_EQ(card.input.size, (Size{640, 480}));
  EXPECT_EQ(card.input.fit, Fit::letterbox);
  EXPECT_EQ(card.output.classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(guessed(signature({kAny, 3, kAny, kAny}, {port("output", {kAny, kAny, kAny})},
                              {{"stride", "32"}, {"names", "{0: 'cat'}"}}))
                .output.decoder,
            "yolov5");
}

TEST(GuessDetector, NamesClassesByCocoOrNotAtAll) {
  EXPECT_EQ(guessed(signature({1, 3, 640, 640}, {port("output0", {1, 84, 8400})})).output.classes, coco_80());
  const auto two = guess_card(signature({1, 3, 640, 640}, {port("output0", {1, 6, 8400})}), "a.onnx");
  ASSERT_TRUE(two.has_value());
  EXPECT_TRUE(two->card.output.classes.empty());
  EXPECT_NE(two->why.find("names no classes"), std::string::npos);
}

TEST(GuessDetector, OtherTasksAndOtherNumbersAreNone) {
  const Shape square = {1, 3, 640, 640};
  EXPECT_EQ(decoder_of(signature(square, {port("output0", {1, 56, 8400})}, {{"task", "pose"}})), "none");
  EXPECT_EQ(decoder_of(signature(square, {port("output0", {1, 84, 8400})}, {{"names", "{0: 'cat'}"}})), "none");
  EXPECT_EQ(decoder_of(signature({kAny, 3, kAny, kAny}, {port("x", {kAny, kAny, kAny})})), "none");
  EXPECT_EQ(decoder_of(signature({1, 3, 0, 640}, {port("x", {1, 84, 8400})})), "none");
}

}  // namespace
}  // namespace pixmill::models
