#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "pixmill/core/error.h"
#include "tasks/segment/decoders.h"

namespace pixmill::tasks {
namespace {

Tensor tensor(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  Tensor made(std::move(shape), ElementType::f32);
  std::copy(values.begin(), values.end(), made.as<float>().begin());
  return made;
}

models::ModelCard card(const std::string& decoder) {
  models::ModelCard made;
  made.id = "test";
  made.task = "segment";
  made.input.size = {8, 8};
  made.output.decoder = decoder;
  return made;
}

Detections decode(const models::ModelCard& from, Tensor output, Size picture = {4, 4}) {
  std::vector<Tensor> outputs;
  outputs.push_back(std::move(output));
  const SegmentDecoder* decoder = find_segment_decoder(from.output.decoder);
  return decoder->decode({from, outputs, picture, place_input(picture, from.input), {}});
}

// Two columns of two samples: on the left class 0 of three is the largest, on the right class 2.
std::vector<float> left_and_right(float left, float right) {
  return {left, 0, left, 0, 0, 0, 0, 0, 0, right, 0, right};
}

TEST(PixelClassesTest, AThingForEachClassThatIsThere) {
  models::ModelCard from = card("classes");
  from.output.activation = models::Activation::softmax;
  from.output.classes = {"sky", "sea", "land"};
  const Detections found = decode(from, tensor({1, 3, 2, 2}, left_and_right(3, 2)));
  ASSERT_EQ(found.found.size(), 2U);
  EXPECT_EQ(*found.classes, from.output.classes);
  EXPECT_EQ(found.found[0].box.label, 0);
  EXPECT_EQ(bounds(found.found[0].mask), (Rect{0, 0, 2, 4}));
  EXPECT_EQ(found.found[1].box.label, 2);
  EXPECT_EQ(bounds(found.found[1].mask), (Rect{2, 0, 2, 4}));
  const Box& box = found.found[1].box;
  EXPECT_EQ((Box{box.left, box.top, box.right, box.bottom}), (Box{2, 0, 4, 4}));
  EXPECT_NEAR(box.score, std::exp(2) / (std::exp(2) + 2), 1e-6);
}

TEST(PixelClassesTest, TheBackgroundIsNoThing) {
  models::ModelCard from = card("classes");
  from.output.background = 0;
  const Detections found = decode(from, tensor({1, 3, 2, 2}, left_and_right(0.9F, 0.8F)));
  ASSERT_EQ(found.found.size(), 1U);
  EXPECT_EQ(found.found[0].box.label, 2);
  EXPECT_FLOAT_EQ(found.found[0].box.score, 0.8F);
}

TEST(PixelClassesTest, ChannelsMayComeLast) {
  models::ModelCard from = card("classes");
  from.input.planar = false;
  const Detections found = decode(from, tensor({1, 2, 2, 3}, {1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1}));
  ASSERT_EQ(found.found.size(), 2U);
  EXPECT_EQ(bounds(found.found[0].mask), (Rect{0, 0, 2, 4}));
}

TEST(PixelClassesTest, LayersMayOverlap) {
  models::ModelCard from = card("layers");
  from.output.classes = {"skin", "clothes", "hair"};
  std::vector<float> values(12, 0.9F);                     // skin everywhere
  std::fill(values.begin() + 4, values.begin() + 8, 0);    // no clothes
  values[8] = values[10] = 1, values[9] = values[11] = 0;  // hair on the left
  const Detections found = decode(from, tensor({1, 3, 2, 2}, values));
  ASSERT_EQ(found.found.size(), 2U);
  EXPECT_EQ(found.found[0].box.label, 2);
  EXPECT_EQ(found.found[0].box.score, 1);
  EXPECT_EQ(area(found.found[0].mask), 8);
  EXPECT_EQ(found.found[1].box.label, 0);
  EXPECT_NEAR(found.found[1].box.score, 0.9, 1e-6);
  EXPECT_EQ(area(found.found[1].mask), 16);
}

TEST(PixelClassesTest, LayersMayBeLogits) {
  models::ModelCard from = card("layers");
  from.output.activation = models::Activation::sigmoid;
  const Detections found = decode(from, tensor({1, 1, 2, 2}, {3, -3, 3, -3}));
  ASSERT_EQ(found.found.size(), 1U);
  EXPECT_EQ(area(found.found[0].mask), 8);
  EXPECT_NEAR(found.found[0].box.score, 1 / (1 + std::exp(-3)), 1e-6);
}

TEST(PixelClassesTest, NothingIsFoundWhereNothingIs) {
  EXPECT_TRUE(decode(card("layers"), tensor({1, 3, 2, 2}, std::vector<float>(12, 0.5F))).found.empty());
}

TEST(PixelClassesTest, PaddingIsLeftOut) {
  models::ModelCard from = card("classes");
  from.input.fit = models::Fit::letterbox;
  std::vector<float> values(128);  // 8 x 8 samples: class 1 in the padding of a wide picture, class 0 in the picture
  for (std::size_t i = 0; i < 64; ++i) values[i / 8 >= 2 && i / 8 < 6 ? i : 64 + i] = 1;
  const Detections found = decode(from, tensor({1, 2, 8, 8}, values), {160, 80});
  ASSERT_EQ(found.found.size(), 1U);
  EXPECT_EQ(found.found[0].box.label, 0);
  EXPECT_EQ(area(found.found[0].mask), 160 * 80);
}

TEST(PixelClassesTest, WhatCannotBeReadIsRefused) {
  const auto refused = [](const models::ModelCard& from, Tensor output) {
    try {
      decode(from, std::move(output));
      ADD_FAILURE() << "was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_model);
    }
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const char* decoder : {"classes", "layers"}) {
    refused(card(decoder), tensor({1, 2, 2, 2}, std::vector<float>(8, nan)));
    refused(card(decoder), tensor({1, 2, 2, 2}, std::vector<float>(8, std::numeric_limits<float>::infinity())));
    refused(card(decoder), tensor({1, 2, 4}, std::vector<float>(8)));
    refused(card(decoder), tensor({1, 2, 0, 4}, {}));
    models::ModelCard named = card(decoder);
    named.output.classes = {"a", "b", "c"};
    refused(named, tensor({1, 2, 2, 2}, std::vector<float>(8)));
  }
  refused(card("classes"), tensor({1, 1, 2, 2}, std::vector<float>(4)));  // nothing to tell apart
}

}  // namespace
}  // namespace pixmill::tasks
