#include "pixmill/tasks/boxes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace pixmill::tasks {
namespace {

std::vector<Box> crowd(unsigned seed) {
  std::mt19937 random(seed);
  const auto pick = [&](float to) { return static_cast<float>(random() % 1000) / 1000.0F * to; };
  std::vector<Box> boxes;
  for (int i = 0; i < 300; ++i) {
    const float x = pick(100), y = pick(100);
    boxes.push_back({x, y, x + 5 + pick(40), y + 5 + pick(40), pick(1), static_cast<int>(random() % 3)});
  }
  return boxes;
}

TEST(BoxIou, OfKnownBoxes) {
  EXPECT_NEAR(iou({0, 0, 100, 100}, {50, 0, 150, 100}), 1.0 / 3, 1e-9);
  EXPECT_EQ(iou({0, 0, 10, 10}, {20, 20, 30, 30}), 0.0);
  EXPECT_EQ(iou({5, 5, 5, 5}, {5, 5, 5, 5}), 0.0) << "no area";
}

TEST(WithoutOverlaps, TheWeakerBoxOfAClassGoes) {
  const Box weak{0, 0, 10, 10, 0.5F, 1}, strong{1, 0, 11, 10, 0.9F, 1}, other{0, 0, 10, 10, 0.7F, 2};
  EXPECT_EQ(without_overlaps({weak, strong, other}), (std::vector{strong, other}));
  EXPECT_EQ(without_overlaps({weak, strong, other}, {.across_classes = true}), (std::vector{strong}));
  EXPECT_EQ(without_overlaps({weak, strong, other}, {.overlap = 0.9}), (std::vector{strong, other, weak}));
}

TEST(WithoutOverlaps, LimitsTakeTheBest) {
  const Box a{0, 0, 1, 1, 0.5F, 0}, b{2, 0, 3, 1, 0.9F, 0}, c{4, 0, 5, 1, 0.7F, 0};
  EXPECT_EQ(without_overlaps({a, b, c}, {.most = 2}), (std::vector{b, c}));
  EXPECT_EQ(without_overlaps({a, b, c}, {.candidates = 1}), (std::vector{b}));
  EXPECT_TRUE(without_overlaps({a}, {.most = 0}).empty());
}

// Scores that are often equal, negative and 0 among them.
TEST(BestBoxes, AnyNumberOfThemInAStableOrder) {
  std::mt19937 random(5);
  for (const std::size_t count : {0U, 1U, 400U, 3000U}) {
    std::vector<Box> boxes;
    std::vector<std::uint32_t> expected;
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = static_cast<float>(10 * i);
      const float score = static_cast<float>(static_cast<int>(random() % 41) - 20) / 20.0F;
      boxes.push_back({at, 0, at + 5, 5, score == 0 && i % 2 == 0 ? -0.0F : score, static_cast<int>(i % 3)});
      expected.push_back(static_cast<std::uint32_t>(i));
    }
    std::stable_sort(expected.begin(), expected.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return boxes[a].score > boxes[b].score; });
    EXPECT_EQ(best_boxes(boxes, {.most = count}), expected);
    expected.resize(std::min<std::size_t>(count, 1000));
    EXPECT_EQ(best_boxes(boxes, {.candidates = 1000, .most = count}), expected);
  }
}

// So a record that keeps weak boxes answers for any higher confidence.
TEST(WithoutOverlaps, CommutesWithAHigherConfidence) {
  const auto above = [](std::vector<Box> boxes, float confidence) {
    std::erase_if(boxes, [&](const Box& box) { return box.score < confidence; });
    return boxes;
  };
  for (unsigned seed = 0; seed < 20; ++seed) {
    for (const float confidence : {0.2F, 0.5F, 0.8F}) {
      EXPECT_EQ(above(without_overlaps(crowd(seed)), confidence), without_overlaps(above(crowd(seed), confidence)));
    }
  }
}

}  // namespace
}  // namespace pixmill::tasks
