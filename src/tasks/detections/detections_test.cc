#include "pixmill/tasks/detections.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "pixmill/models/class_names.h"
#include "support/testing.h"

namespace pixmill::tasks {
namespace {

using pixmill::testing::error_of;

Detections sample(std::vector<std::string> names = {"cat", "dog", "it's, a \"cow\""}) {
  RunMaskBuilder mask({640, 480});
  mask.add(20, 30, 200);
  mask.add(300, 0, 480);
  return {.picture = {640, 480},
          .confidence = 0.05F,
          .classes = shared_names(std::move(names)),
          .found = {{.box = {10, 20, 110.5F, 220.25F, 0.9F, 2}},
                    {.box = {0, 0, 640, 480, 0.3F, 0}, .mask = mask.take()},
                    {.box = {5, 5, 9, 9, 0.06F, 1},
                     .polygons = {{{5, 5}, {9, 5}, {9, 9}}, {{5, 6}, {5, 9}, {6, 9}}},
                     .points = {{6.5F, -7}}}},
          .quality = {12.5F, 127}};
}

Detections again(const Detections& detections) {
  return unpack_detections(kDetections, pack(detections), "a.jpg");
}

TEST(DetectionsRecord, ComesBackAsItWas) {
  const Detections found = sample(), read = again(found);
  EXPECT_EQ(read.picture, found.picture);
  EXPECT_EQ(read.confidence, found.confidence);
  EXPECT_EQ(*read.classes, *found.classes);
  EXPECT_EQ(read.found, found.found);
  EXPECT_EQ(read.quality, found.quality);
  EXPECT_TRUE(again({{1, 1}, 0.05F, shared_names({}), {}}).found.empty());
}

TEST(DetectionsRecord, NamesCocosClassesByAWord) {
  const Detections coco = sample(models::coco_80());
  EXPECT_LT(pack(coco).size(), 200U);
  EXPECT_EQ(again(coco).classes.get(), shared_names(models::coco_80()).get()) << "one copy for all pictures";
}

TEST(DetectionsRecord, AnotherVersionAndAnotherKindSaySo) {
  const std::vector<std::byte> body = pack(sample());
  const Error newer = error_of(ErrorCode::unsupported, [&] { unpack_detections("detections/9", body, "a.jpg"); });
  EXPECT_SAYS(newer.message(), "a.jpg: its record is 'detections/9'");
  EXPECT_SAYS(newer.hint(), "run the job again");
  EXPECT_SAYS(error_of(ErrorCode::corrupt, [&] { unpack_detections("embedding/1", body, "a.jpg"); }).message(),
              "not detections");
}

TEST(DetectionsRecord, NoPartOfABodyIsTakenForTheWhole) {
  std::vector<std::byte> body = pack(sample());
  for (std::size_t length = 0; length < body.size(); ++length) {
    const std::span part = std::span(body).first(length);
    error_of(ErrorCode::corrupt, [&] { unpack_detections(kDetections, part, "a.jpg"); });
  }
  body.push_back(std::byte{0});
  error_of(ErrorCode::corrupt, [&] { unpack_detections(kDetections, body, "a.jpg"); });
}

TEST(DetectionsRecord, WhatNoPictureHasIsDamage) {
  const auto spoiled = [](auto spoil) {
    Detections found = sample();
    spoil(found);
    error_of(ErrorCode::corrupt, [&] { again(found); });
  };
  spoiled([](Detections& found) { found.picture.width = 0; });
  spoiled([](Detections& found) { found.confidence = 2; });
  spoiled([](Detections& found) { found.found[0].box.label = 3; });
  spoiled([](Detections& found) { found.found[0].box.right = 641; });
  spoiled([](Detections& found) { found.found[0].box.left = 200; });
  spoiled([](Detections& found) { found.found[0].box.top = std::numeric_limits<float>::quiet_NaN(); });
  spoiled([](Detections& found) { found.found[2].box.score = 0.04F; });
  spoiled([](Detections& found) { found.found[1].mask.runs.back() += 1; });
  spoiled([](Detections& found) { found.found[1].mask.runs[1] = 0; });
  spoiled([](Detections& found) { found.found[2].points[0].x = std::numeric_limits<float>::infinity(); });
  spoiled([](Detections& found) { std::swap(found.found[0], found.found[1]); });
}

TEST(DetectionsRecord, AShapeIsItsMaskItsPolygonsOrItsBox) {
  const Detections found = sample();
  EXPECT_DOUBLE_EQ(area(found.found[0]), 100.5 * 200.25);
  EXPECT_DOUBLE_EQ(area(found.found[1]), 170 + 480);
  EXPECT_DOUBLE_EQ(area(found.found[2]), 8 + 1.5);
}

TEST(Selection, TakesTheBestOfTheClassesThatAreWanted) {
  const Detections found = sample();
  EXPECT_EQ(select(found, {}).size(), 2U);
  EXPECT_EQ(select(found, {.confidence = 0.05F}).size(), 3U);
  EXPECT_EQ(select(found, {.confidence = 0.05F, .most = 1}), (std::vector{&found.found[0]}));
  EXPECT_EQ(select(found, {.confidence = 0.05F, .most = 1, .classes = {"dog"}}), (std::vector{&found.found[2]}));
  EXPECT_EQ(select(found, {.confidence = 0.05F, .classes = {"0", "dog"}}).size(), 2U) << "names and numbers";
  const Error unknown = error_of(ErrorCode::usage, [&] { select(found, {.classes = {"doog"}}); });
  EXPECT_SAYS(unknown.hint(), "did you mean dog?");
  error_of(ErrorCode::usage, [&] { select(found, {.classes = {"3"}}); });
  const Detections coco = sample(models::coco_80());
  EXPECT_SAYS(error_of(ErrorCode::usage, [&] { select(coco, {.classes = {"unicorn"}}); }).hint(),
              "it knows 80: person");
}

TEST(Selection, IsReadFromItsFlags) {
  std::vector<const config::Flag*> flags = config::pointers(selection_flags());
  const config::Command command{.name = "c", .arguments = "", .summary = "", .example = "", .flags = flags};
  config::Values values(command);
  EXPECT_FLOAT_EQ(read_selection(values).confidence, 0.25F);
  EXPECT_TRUE(read_selection(values).classes.empty());
  values.set(*flags[1], {"person, traffic light", "7"}, config::Origin::flag, "--classes");
  EXPECT_EQ(read_selection(values).classes, (std::vector<std::string>{"person", "traffic light", "7"}));
}

}  // namespace
}  // namespace pixmill::tasks
