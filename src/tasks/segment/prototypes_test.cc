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

constexpr Size kPicture = {64, 64};

Tensor tensor(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  Tensor made(std::move(shape), ElementType::f32);
  std::copy(values.begin(), values.end(), made.as<float>().begin());
  return made;
}

models::ModelCard card(const std::string& decoder) {
  models::ModelCard made;
  made.id = "test";
  made.task = "segment";
  made.input.size = {32, 32};
  made.input.fit = models::Fit::letterbox;
  made.output.decoder = decoder;
  return made;
}

// Two prototypes of 8 x 8 over an input of 32 x 32: one is the left half, one is 1 everywhere.
Tensor prototypes(float left = 1, float right = -1) {
  std::vector<float> values(128, 1);
  for (std::size_t i = 0; i < 64; ++i) values[i] = i % 8 < 4 ? left : right;
  return tensor({1, 2, 8, 8}, values);
}

// One box from (4, 4) to (28, 28) of the input, score 0.9, class 1 of 2, and the coefficients 1 and `bias`.
Tensor table(const std::string& decoder, float bias) {
  if (decoder == "yolov8") return tensor({1, 8, 1}, {16, 16, 24, 24, 0, 0.9F, 1, bias});
  if (decoder == "yolov5") return tensor({1, 1, 9}, {16, 16, 24, 24, 1, 0, 0.9F, 1, bias});
  return tensor({1, 1, 8}, {4, 4, 28, 28, 0.9F, 1, 1, bias});
}

Detections decode(const models::ModelCard& from, const std::vector<Tensor>& outputs, Size picture = kPicture) {
  return decode_prototypes({from, outputs, picture, place_input(picture, from.input), {}});
}

std::vector<Tensor> both(Tensor first, Tensor second) {
  std::vector<Tensor> outputs;
  outputs.push_back(std::move(first));
  outputs.push_back(std::move(second));
  return outputs;
}

TEST(PrototypesTest, TheSumOfThePrototypesInsideTheBox) {
  for (const std::string decoder : {"yolov8", "yolov5", "end_to_end"}) {
    SCOPED_TRACE(decoder);
    const Detections found = decode(card(decoder), both(table(decoder, 0), prototypes()));
    ASSERT_EQ(found.found.size(), 1U);
    const Detection& one = found.found[0];
    EXPECT_EQ(one.box, (Box{8, 8, 56, 56, 0.9F, 1}));
    EXPECT_EQ(bounds(one.mask), (Rect{8, 8, 24, 48}));  // the middle of the picture is where the sum crosses 0
    EXPECT_EQ(area(one.mask), 24 * 48);
  }
}

TEST(PrototypesTest, OnlyYolov5TakesASigmoidBeforeItEnlarges) {
  // 3 and -1: a line of 0 is a quarter of a sample from the right one; after a sigmoid elsewhere.
  const auto right_of = [](const std::string& decoder) {
    const Detections found = decode(card(decoder), both(table(decoder, 0), prototypes(3, -1)));
    const Rect around = bounds(found.found.at(0).mask);
    return around.x + around.width;
  };
  EXPECT_EQ(right_of("yolov8"), 34);  // 28 + 0.75 * 8
  EXPECT_EQ(right_of("end_to_end"), 34);
  EXPECT_EQ(right_of("yolov5"), 33);  // 28 + 0.453 / (0.453 + 0.231) * 8
}

TEST(PrototypesTest, AThingWithoutAPixelIsLeftOut) {
  for (const std::string decoder : {"yolov8", "yolov5", "end_to_end"})
    EXPECT_TRUE(decode(card(decoder), both(table(decoder, -5), prototypes())).found.empty()) << decoder;
}

TEST(PrototypesTest, PrototypesOfAnySize) {
  std::vector<float> values(std::size_t{2} * 3 * 5, 1);
  const Detections found = decode(card("yolov8"), both(table("yolov8", 0), tensor({1, 2, 3, 5}, values)));
  EXPECT_EQ(area(found.found.at(0).mask), 48 * 48);
}

TEST(PrototypesTest, PicturesOfAnySize) {
  for (const Size picture : {Size{1, 1}, Size{20000, 300}, Size{1, 500}, Size{7, 5}}) {
    models::ModelCard from = card("yolov8");
    const std::vector<Tensor> outputs =
        both(tensor({1, 8, 1}, {16, 16, 32, 32, 0, 0.9F, 1, 5}), prototypes());  // all of the input
    const Detections found = decode(from, outputs, picture);
    ASSERT_EQ(found.found.size(), 1U);
    EXPECT_EQ(area(found.found[0].mask), picture.area());
    EXPECT_EQ(unpack_detections(kDetections, pack(found), "test").found, found.found);
  }
}

TEST(PrototypesTest, WhatCannotBeReadIsRefused) {
  const auto refused = [](std::vector<Tensor> outputs) {
    EXPECT_THROW(
        {
          try {
            decode(card("yolov8"), outputs);
          } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::bad_model);
            EXPECT_NE(std::string(error.what()).find("test"), std::string::npos);
            throw;
          }
        },
        Error);
  };
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
  refused(both(table("yolov8", 0), prototypes(nan)));
  refused(both(table("yolov8", 0), prototypes(infinite)));
  refused(both(table("yolov8", nan), prototypes()));
  refused(both(table("yolov8", 0), tensor({2, 8, 8}, std::vector<float>(128))));
  refused(both(table("yolov8", 0), tensor({1, 6, 1, 1}, std::vector<float>(6))));  // leaves no class
  refused(both(table("yolov8", 0), tensor({1, 2, 0, 8}, {})));
  std::vector<Tensor> one;
  one.push_back(table("yolov8", 0));
  refused(std::move(one));
}

// 300 boxes one over the other: no more is in memory than a few maps and the runs of the masks.
TEST(PrototypesTest, ManyThingsComeInTheirOrder) {
  constexpr std::size_t kBoxes = 300;
  std::vector<float> rows;
  for (std::size_t i = 0; i < kBoxes; ++i) {
    const float score = 0.9F - static_cast<float>(i) * 0.001F, right = 4 + static_cast<float>(i) * 0.09F;
    rows.insert(rows.end(), {0, 0, right, 32, score, 0, 0, 1});
  }
  const Detections found = decode(card("end_to_end"), both(tensor({1, 300, 8}, rows), prototypes()));
  ASSERT_EQ(found.found.size(), kBoxes);
  for (std::size_t i = 0; i < kBoxes; ++i) {
    const int columns = static_cast<int>(std::ceil(found.found[i].box.right));
    EXPECT_EQ(area(found.found[i].mask), columns * 64) << i;
  }
}

}  // namespace
}  // namespace pixmill::tasks
