#include "tasks/segment/label_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace pixmill::tasks {
namespace {

ClassMap noise(Size size, std::size_t classes, unsigned seed, int rounds) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  ClassMap map{{0, 0, size.width, size.height}, classes, {}};
  map.values.resize(static_cast<std::size_t>(size.area()) * classes);
  for (float& value : map.values) value = normal(random);
  for (int i = 0; i < rounds; ++i) {
    for (const std::size_t step : {classes, classes * static_cast<std::size_t>(size.height)}) {
      for (std::size_t k = step; k < map.values.size(); ++k)
        map.values[k] = 0.6F * map.values[k - step] + 0.8F * map.values[k];
    }
  }
  return map;
}

double value_at(const ClassMap& map, const Grid& grid, int x, int y, std::size_t label) {
  const auto sample = [&](int column, int row) {
    return static_cast<double>(map.at(std::min(column, grid.across.last), std::min(row, grid.down.last))[label]);
  };
  const double across = grid.across.at(x), down = grid.down.at(y);
  const int column = static_cast<int>(across), row = static_cast<int>(down);
  const double u = across - column, v = down - row;
  return (1 - v) * ((1 - u) * sample(column, row) + u * sample(column + 1, row)) +
         v * ((1 - u) * sample(column, row + 1) + u * sample(column + 1, row + 1));
}

TEST(LabelMapTest, EveryPixelHasTheClassOfItsLargestValue) {
  struct Case {
    Size map, picture, input;
  };
  const Case cases[] = {{{20, 20}, {150, 130}, {80, 80}},
                        {{33, 17}, {20, 60}, {33, 17}},  // smaller than the map in one direction
                        {{5, 5}, {1, 1}, {5, 5}},
                        {{1, 1}, {9, 4}, {8, 8}},
                        {{2, 9}, {300, 3}, {16, 72}}};
  unsigned seed = 0;
  for (const Case& one : cases) {
    for (const std::size_t classes : {std::size_t{2}, std::size_t{7}}) {
      for (const int rounds : {0, 3}) {
        const ClassMap map = noise(one.map, classes, ++seed, rounds);
        const auto [width, height] = one.picture;
        const Grid grid = grid_of({one.input, {0, 0, one.input.width, one.input.height}}, one.picture, one.map);
        const std::vector<RunMask> masks = masks_of(map, largest_of(map), grid, one.picture, 1);
        ASSERT_EQ(masks.size(), classes);
        EXPECT_TRUE(masks[1].empty());  // is skipped
        std::vector<Image> bitmaps;
        for (const RunMask& mask : masks) {
          ASSERT_TRUE(is_valid(mask));
          bitmaps.push_back(bitmap_of(mask, {0, 0, width, height}));
        }
        for (int y = 0; y < height; ++y) {
          for (int x = 0; x < width; ++x) {
            std::vector<std::pair<double, std::size_t>> values;
            for (std::size_t label = 0; label < classes; ++label)
              values.emplace_back(value_at(map, grid, x, y, label), label);
            std::sort(values.rbegin(), values.rend());
            if (values[0].first - values[1].first < 1e-5) continue;  // rounding decides
            for (std::size_t label = 0; label < classes; ++label) {
              const bool there = bitmaps[label].row<std::uint8_t>(y)[x] != 0;
              ASSERT_EQ(there, label != 1 && label == values[0].second) << x << ',' << y << " class " << label;
            }
          }
        }
      }
    }
  }
}

TEST(LabelMapTest, AClassMayBeTheLargestBetweenSamplesOnly) {
  // One row of two samples: 10 and 0, 0 and 10, 7 and 7.
  const ClassMap map{{0, 0, 2, 1}, 3, {10, 0, 7, 0, 10, 7}};
  const Size picture{20, 1};
  const Grid grid = grid_of({{2, 1}, {0, 0, 2, 1}}, picture, {2, 1});
  const std::vector<RunMask> masks = masks_of(map, largest_of(map), grid, picture, -1);
  EXPECT_EQ(bounds(masks[0]).width, 8);
  EXPECT_EQ(bounds(masks[2]), (Rect{8, 0, 4, 1}));
  EXPECT_EQ(area(masks[0]) + area(masks[1]) + area(masks[2]), 20);
}

TEST(LabelMapTest, OfEqualValuesTheFirstClassHasThePixels) {
  const ClassMap map{{0, 0, 2, 2}, 3, std::vector<float>(12, 4)};
  const Grid grid = grid_of({{2, 2}, {0, 0, 2, 2}}, {6, 6}, {2, 2});
  const std::vector<RunMask> masks = masks_of(map, largest_of(map), grid, {6, 6}, -1);
  EXPECT_EQ(area(masks[0]), 36);
  EXPECT_TRUE(masks[1].empty() && masks[2].empty());
}

}  // namespace
}  // namespace pixmill::tasks
