#include "pixmill/tasks/detect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>

#include "pixmill/tasks/direct_context.h"
#include "support/testing.h"

namespace pixmill::tasks {
namespace {

using pixmill::testing::error_of;

// A card of one box an anchor: yolov5 rows of centre, size, objectness and two classes.
models::ModelCard card_with(models::Fit fit) {
  models::ModelCard card;
  card.id = "model";
  card.task = "detect";
  card.input.size = {640, 640};
  card.input.fit = fit;
  card.output.decoder = "yolov5";
  card.output.classes = {"cat", "dog"};
  return card;
}

Tensor row(float x, float y, float width, float height, float score) {
  Tensor output({1, 1, 7}, ElementType::f32);
  const auto values = {x, y, width, height, score, 0.0F, 1.0F};
  std::copy(values.begin(), values.end(), output.as<float>().begin());
  return output;
}

Box only_box(models::Fit fit, Size picture, const Tensor& output) {
  const Detections found = detections_of(card_with(fit), {&output, 1}, picture, {});
  EXPECT_EQ(found.picture, picture);
  EXPECT_EQ(found.found.size(), 1U);
  return found.found.empty() ? Box{} : found.found.front().box;
}

TEST(DetectTask, AsksOnceAndRecordsWhatItFound) {
  const auto task = make_detect(card_with(models::Fit::letterbox), {});
  EXPECT_EQ(task->name(), "detect");
  EXPECT_TRUE(task->products().empty());
  EXPECT_EQ(task->graphs().at(0).outputs, std::vector<int>{0});
  int asked = 0;
  DirectContext context([&](int, const Tensors& inputs) {
    ++asked;
    EXPECT_EQ(inputs.at(0)->shape(), (std::vector<std::int64_t>{1, 3, 640, 640}));
    std::vector<Tensor> outputs;
    outputs.push_back(row(320, 320, 640, 480, 0.5F));
    return outputs;
  });
  task->run(Image({1280, 960}, 4, PixelType::u16), context);
  EXPECT_EQ(asked, 1);
  ASSERT_EQ(context.records.size(), 1U);
  const Detections found = unpack_detections(context.records[0].kind, context.records[0].body, "a.jpg");
  ASSERT_EQ(found.found.size(), 1U);
  EXPECT_EQ(found.found[0].box, (Box{0, 0, 1280, 960, 0.5F, 1}));
  EXPECT_EQ(*found.classes, (std::vector<std::string>{"cat", "dog"}));
}

TEST(DetectTask, ItsKeyFollowsTheCard) {
  models::ModelCard card = card_with(models::Fit::letterbox);
  const std::string before = make_detect(card, {})->key();
  card.output.classes = {"dog", "cat"};
  EXPECT_NE(make_detect(card, {})->key(), before);
}

TEST(DetectTask, CostsMoreForLargerPictures) {
  const auto task = make_detect(card_with(models::Fit::letterbox), {});
  EXPECT_GT(task->cost({6000, 4000}).bytes, 6000U * 4000U * 3U);
  EXPECT_LT(task->cost({600, 400}).bytes, task->cost({6000, 4000}).bytes);
}

TEST(DetectTask, CardsOfOtherModelsAreRefused) {
  const auto refused = [](auto change) {
    models::ModelCard card = card_with(models::Fit::letterbox);
    change(card);
    error_of(ErrorCode::usage, [&] { make_detect(card, {}); });
  };
  refused([](models::ModelCard& card) { card.task = "cutout"; });
  refused([](models::ModelCard& card) { card.output.decoder = "matte"; });
  refused([](models::ModelCard& card) { card.input.color = models::Color::luma; });
  refused([](models::ModelCard& card) { card.input.fit = models::Fit::tile; });
  error_of(ErrorCode::usage, [] { make_detect(card_with(models::Fit::letterbox), {.overlap = 1.5}); });
}

TEST(DetectionGeometry, TheWholeInputIsTheWholePicture) {
  // 1280x960 in 640x640: 640x480, 80 above and below it, or below it alone.
  EXPECT_EQ(only_box(models::Fit::letterbox, {1280, 960}, row(320, 320, 640, 480, 0.5F)),
            (Box{0, 0, 1280, 960, 0.5F, 1}));
  EXPECT_EQ(only_box(models::Fit::letterbox_corner, {1280, 960}, row(320, 240, 640, 480, 0.5F)),
            (Box{0, 0, 1280, 960, 0.5F, 1}));
  EXPECT_EQ(only_box(models::Fit::stretch, {1280, 960}, row(320, 320, 640, 640, 0.5F)),
            (Box{0, 0, 1280, 960, 0.5F, 1}));
}

TEST(DetectionGeometry, BoxesAreMappedBack) {
  EXPECT_EQ(only_box(models::Fit::letterbox, {1280, 960}, row(100, 100, 20, 40, 0.5F)),
            (Box{180, 0, 220, 80, 0.5F, 1}));
  EXPECT_EQ(only_box(models::Fit::stretch, {1280, 320}, row(100, 100, 20, 40, 0.5F)), (Box{180, 40, 220, 60, 0.5F, 1}));
  EXPECT_EQ(only_box(models::Fit::letterbox, {64, 32}, row(320, 320, 640, 320, 0.5F)), (Box{0, 0, 64, 32, 0.5F, 1}))
      << "enlarged";
}

TEST(DetectionGeometry, BoxesEndAtThePicture) {
  EXPECT_EQ(only_box(models::Fit::letterbox, {1280, 960}, row(0, 320, 200, 900, 0.5F)), (Box{0, 0, 200, 960, 0.5F, 1}));
  const Tensor outside = row(320, 40, 100, 60, 0.9F);  // in the gray above the picture
  EXPECT_TRUE(detections_of(card_with(models::Fit::letterbox), {&outside, 1}, {1280, 960}, {}).found.empty());
}

TEST(Detections, KeepWhatALaterQuestionMayAskFor) {
  const Tensor weak = row(320, 320, 10, 10, 0.051F), weaker = row(320, 320, 10, 10, 0.049F);
  const models::ModelCard card = card_with(models::Fit::stretch);
  EXPECT_EQ(detections_of(card, {&weak, 1}, {640, 640}, {}).found.size(), 1U);
  EXPECT_TRUE(detections_of(card, {&weaker, 1}, {640, 640}, {}).found.empty());
  const Tensor sure = row(320, 320, 10, 10, 1.0001F);  // in halves a share may round up
  EXPECT_EQ(detections_of(card, {&sure, 1}, {640, 640}, {}).found.at(0).box.score, 1.0F);
}

TEST(Detections, ClassesWithoutNamesAreNumbers) {
  models::ModelCard card = card_with(models::Fit::stretch);
  card.output.classes.clear();
  const Tensor output = row(320, 320, 10, 10, 0.5F);
  EXPECT_EQ(*detections_of(card, {&output, 1}, {640, 640}, {}).classes, (std::vector<std::string>{"0", "1"}));
}

}  // namespace
}  // namespace pixmill::tasks
