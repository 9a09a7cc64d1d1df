#include "pixmill/tasks/prompts.h"

#include <gtest/gtest.h>

#include "support/testing.h"

namespace pixmill::tasks {
namespace {

using testing::error_of;

TEST(Prompts, PointsAndBoxesAsTheyAreTyped) {
  const PromptPoint point = parse_point(" 12.5, 50%,0 ");
  EXPECT_EQ(point.x.value, 12.5);
  EXPECT_TRUE(point.y.percent);
  EXPECT_FALSE(point.foreground);
  EXPECT_TRUE(parse_point("0,0").foreground);
  for (const char* text :
       {"", "1", "1,", "1,2,", "1,2,-1", "1,2,3,4", "-1,2", "nan,1", "inf,1", "1e400,1", "1,2x", "%,1"})
    error_of(ErrorCode::usage, [&] { parse_point(text); });
  EXPECT_EQ(parse_box("1,2,3,4").bottom.value, 4);
  for (const char* text : {"1,2,3", "1,2,1,4", "10%,2,10%,4", "1,2,3,4,5", "1,2,3,x"})
    error_of(ErrorCode::usage, [&] { parse_box(text); });
}

TEST(Prompts, WithoutABoxThePointsAreOneThing) {
  PromptGroup group{{parse_point("10,20"), parse_point("50%,100%,0")}, {}, 3};
  const auto things = things_of({group, group}, {200, 100}, "a.jpg");
  ASSERT_EQ(things.size(), 2U);
  EXPECT_EQ(things[1].points, (std::vector<Point>{{10, 20}, {100, 100}}));
  EXPECT_EQ(things[1].foreground, (std::vector<bool>{true, false}));
  EXPECT_FALSE(things[1].box);
  EXPECT_EQ(things[1].label, 3);
}

TEST(Prompts, APointBelongsToTheBoxesThatHoldIt) {
  const PromptGroup group{
      {parse_point("15,15"), parse_point("25,25,0")}, {parse_box("30,30,10,10"), parse_box("20,20,50,50")}, 0};
  const auto things = things_of({group}, {100, 100}, "a.jpg");
  ASSERT_EQ(things.size(), 2U);
  EXPECT_EQ(*things[0].box, (Box{10, 10, 30, 30}));
  EXPECT_EQ(things[0].points.size(), 2U);
  EXPECT_EQ(things[1].points, (std::vector<Point>{{25, 25}}));
  const PromptGroup alone{{parse_point("90,90,0")}, {parse_box("10,10,30,30")}, 0};
  EXPECT_EQ(things_of({alone}, {100, 100}, "a.jpg").at(0).points.size(), 1U) << "the only box has all points";
}

TEST(Prompts, WhatIsNotInThePictureIsRefused) {
  const auto refused = [](const PromptGroup& group, Size size = {100, 50}) {
    return error_of(ErrorCode::usage, [&] { things_of({group}, size, "a.jpg"); }).message();
  };
  EXPECT_SAYS(refused({{parse_point("10,51")}, {}, 0}), "a.jpg: the prompt 10,51 lies outside the picture of 100 x 50");
  EXPECT_SAYS(refused({{}, {parse_box("50%,0,50,50")}, 0}), "has no area");
  EXPECT_SAYS(refused({{parse_point("9,9")}, {parse_box("20,20,30,30"), parse_box("40,20,50,30")}, 0}), "in none of");
  PromptGroup many;
  for (std::size_t i = 0; i <= kMostThings; ++i) many.boxes.push_back(parse_box("1,1,2,2"));
  EXPECT_SAYS(refused(many), "1001 things");
}

TEST(Prompts, FilesSayClassesInTheirOrder) {
  const PromptFile file = parse_prompts(
      R"({"./b.jpg": {"boxes": [["10%", 0, 5, 9]], "class": "dog"}, "a.jpg": [{"points": [[1, 2.5]], "labels": [0]}, {"points": [[3, 4]], "class": "dog"}]})",
      "p.json", "thing");
  EXPECT_EQ(file.classes, (std::vector<std::string>{"dog", "thing"}));
  ASSERT_EQ(file.pictures.size(), 2U);
  EXPECT_TRUE(file.pictures.at("b.jpg").at(0).boxes.at(0).left.percent);
  EXPECT_EQ(file.pictures.at("a.jpg").at(0).label, 1);
  EXPECT_FALSE(file.pictures.at("a.jpg").at(0).points.at(0).foreground);
  EXPECT_EQ(file.pictures.at("a.jpg").at(1).label, 0);
}

}  // namespace
}  // namespace pixmill::tasks
