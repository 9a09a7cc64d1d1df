#include "pixmill/core/kept_boxes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "core/simd_testing.h"
#include "pixmill/core/score_table.h"

namespace pixmill {
namespace {

using testing::under_each_target;

// Corners on a coarse grid, so that many pairs have the IoU of the limit to the last bit.
std::vector<Sides> boxes_on_a_grid(unsigned seed, std::size_t count, float step) {
  std::mt19937 random(seed);
  const auto pick = [&](unsigned below) { return static_cast<float>(random() % below) * step; };
  std::vector<Sides> boxes;
  for (std::size_t i = 0; i < count; ++i) {
    const float x = pick(20), y = pick(20);
    boxes.push_back({x, y, x + pick(8), y + pick(8)});
  }
  return boxes;
}

std::vector<bool> kept_of(const std::vector<Sides>& boxes, double overlap, std::size_t groups) {
  KeptBoxes kept(overlap);
  std::vector<bool> stays;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    stays.push_back(!kept.covers(boxes[i], i % groups));
    if (stays.back()) kept.keep(boxes[i], i % groups);
  }
  return stays;
}

// What KeptBoxes does, in plain loops over all boxes.
std::vector<bool> expected(const std::vector<Sides>& boxes, double overlap, std::size_t groups) {
  std::vector<bool> stays;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    bool covered = false;
    for (std::size_t better = i % groups; better < i; better += groups)
      covered = covered || (stays[better] && iou(boxes[better], boxes[i]) > overlap);
    stays.push_back(!covered);
  }
  return stays;
}

TEST(KeptBoxes, EveryTargetDecidesAsPlainLoopsDo) {
  under_each_target([] {
    for (const float step : {1.0F, 0.1F, 1e-20F, 37.7F}) {
      for (const double overlap : {0.0, 0.25, 1.0 / 3, 0.45, 0.5, 0.7, 1.0}) {
        for (const std::size_t groups : {1U, 3U, 50U}) {
          const std::vector<Sides> boxes = boxes_on_a_grid(7, 400, step);
          EXPECT_EQ(kept_of(boxes, overlap, groups), expected(boxes, overlap, groups))
              << step << " " << overlap << " " << groups;
        }
      }
    }
  });
}

TEST(KeptBoxes, NothingIsCoveredByNothing) {
  under_each_target([] {
    const KeptBoxes none(0.0);
    EXPECT_FALSE(none.covers({0, 0, 10, 10}, 5));
    KeptBoxes one(0.0);
    one.keep({0, 0, 10, 10}, 5);
    EXPECT_TRUE(one.covers({9, 9, 20, 20}, 5));
    EXPECT_FALSE(one.covers({9, 9, 20, 20}, 4));
    EXPECT_FALSE(one.covers({10, 0, 20, 10}, 5)) << "they only touch";
    EXPECT_FALSE(one.covers({9, 9, 9, 9}, 5)) << "no area";
  });
}

TEST(ScoreTable, TheLargestOfRowsAndColumnsOfAnyLength) {
  std::mt19937 random(3);
  under_each_target([&] {
    for (std::size_t columns = 1; columns <= 70; ++columns) {
      constexpr std::size_t kRows = 5;
      std::vector<float> table(kRows * columns);
      for (float& value : table) value = static_cast<float>(random() % 2001) - 1000;
      std::vector<float> largest(columns);
      largest_of_columns(table, kRows, largest);
      for (std::size_t c = 0; c < columns; ++c) {
        float best = table[c];
        for (std::size_t r = 1; r < kRows; ++r) best = std::max(best, table[r * columns + c]);
        ASSERT_EQ(largest[c], best) << columns;
      }
      ASSERT_EQ(largest_of(largest), *std::max_element(largest.begin(), largest.end())) << columns;
    }
    std::vector<float> wide(2 * 5000);  // more than a strip
    wide[4999] = 1;
    wide[5000 + 4998] = 2;
    std::vector<float> largest(5000);
    largest_of_columns(wide, 2, largest);
    EXPECT_EQ(largest[4997], 0);
    EXPECT_EQ(largest[4998], 2);
    EXPECT_EQ(largest[4999], 1);
  });
}

TEST(ScoreTable, OneBadValueAnywhereIsFound) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  under_each_target([] {
    for (std::size_t count = 0; count <= 70; ++count) {
      std::vector<float> values(count, -std::numeric_limits<float>::max());
      ASSERT_TRUE(all_finite(values));
      for (std::size_t place = 0; place < count; ++place) {
        for (const float bad : {kInfinite, -kInfinite, std::nanf(""), -std::nanf("")}) {
          values[place] = bad;
          ASSERT_FALSE(all_finite(values)) << place << " of " << count;
        }
        values[place] = std::numeric_limits<float>::denorm_min();
      }
    }
  });
}

}  // namespace
}  // namespace pixmill
