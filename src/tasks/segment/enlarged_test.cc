#include "tasks/segment/enlarged.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace pixmill::tasks {
namespace {

// A whole map of noise that is smoothed along both directions so many times.
Map noise(Size size, unsigned seed, int rounds) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Map map{{0, 0, size.width, size.height}, std::vector<float>(static_cast<std::size_t>(size.area()))};
  for (float& value : map.values) value = normal(random);
  for (int i = 0; i < rounds; ++i) {
    for (const std::size_t step : {std::size_t{1}, static_cast<std::size_t>(size.height)}) {
      for (std::size_t k = step; k < map.values.size(); ++k)
        map.values[k] = 0.6F * map.values[k - step] + 0.8F * map.values[k];
    }
  }
  return map;
}

Map part_of(const Map& whole, const Rect& samples) {
  Map part{samples, {}};
  for (int x = samples.x; x < samples.x + samples.width; ++x) {
    const auto column = whole.values.begin() + static_cast<std::ptrdiff_t>(x) * whole.samples.height + samples.y;
    part.values.insert(part.values.end(), column, column + samples.height);
  }
  return part;
}

// The plain twin: the value of one pixel.
double value_at(const Map& map, const Grid& grid, int x, int y) {
  const auto sample = [&](int column, int row) {
    column = std::min(column, grid.across.last), row = std::min(row, grid.down.last);
    return static_cast<double>(map.values[static_cast<std::size_t>(column * map.samples.height + row)]);
  };
  const double across = grid.across.at(x), down = grid.down.at(y);
  const int column = static_cast<int>(across), row = static_cast<int>(down);
  const double u = across - column, v = down - row;
  return (1 - v) * ((1 - u) * sample(column, row) + u * sample(column + 1, row)) +
         v * ((1 - u) * sample(column, row + 1) + u * sample(column + 1, row + 1));
}

// Every pixel of the window is what the twin says, unless its value is 0 but for rounding; none is outside.
void expect_as_twin(const Map& map, const Placement& placed, Size picture, const Rect& window) {
  const Grid grid = grid_of(placed, picture, {map.samples.width, map.samples.height});
  const RunMask mask = above_zero(part_of(map, samples_for(grid, window)), grid, window, picture);
  ASSERT_TRUE(is_valid(mask));
  const Image bitmap = bitmap_of(mask, {0, 0, picture.width, picture.height});
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const bool inside = x >= window.x && x < window.x + window.width && y >= window.y && y < window.y + window.height;
      const double value = inside ? value_at(map, grid, x, y) : -1;
      if (std::abs(value) < 1e-5) continue;
      ASSERT_EQ(bitmap.row<std::uint8_t>(y)[x] != 0, value > 0) << x << ',' << y << ": " << value;
    }
  }
}

TEST(EnlargedTest, EveryPixelIsWhatItsOwnValueSays) {
  struct Case {
    Size map, picture;
    Placement placed;
  };
  const Case cases[] = {
      {{40, 40}, {300, 225}, {{160, 160}, {0, 20, 160, 120}}},  // the padding is whole samples
      {{40, 40}, {301, 203}, {{160, 160}, {0, 26, 160, 108}}},  // and not
      {{20, 12}, {97, 61}, {{80, 48}, {0, 0, 80, 48}}},
      {{40, 40}, {9, 7}, {{160, 160}, {0, 18, 160, 124}}},    // smaller than the map
      {{40, 40}, {700, 10}, {{160, 160}, {0, 79, 160, 2}}},   // less than a sample high
      {{40, 40}, {1, 1}, {{160, 160}, {0, 0, 160, 160}}},     // one pixel
      {{1, 1}, {8, 8}, {{32, 32}, {0, 0, 32, 32}}},           // one sample
      {{50, 30}, {110, 170}, {{200, 120}, {61, 0, 78, 120}}}  // stretched
  };
  unsigned seed = 0;
  for (const Case& one : cases) {
    for (const int rounds : {0, 1, 4}) {
      SCOPED_TRACE(std::to_string(one.picture.width) + " wide, " + std::to_string(rounds) + " rounds");
      const Map map = noise(one.map, ++seed, rounds);
      const auto [width, height] = one.picture;
      expect_as_twin(map, one.placed, one.picture, {0, 0, width, height});
      expect_as_twin(map, one.placed, one.picture, {width / 3, height / 4, (width + 1) / 2, (height + 1) / 2});
      expect_as_twin(map, one.placed, one.picture, {width - 1, height - 1, 1, 1});
    }
  }
}

TEST(EnlargedTest, PaddingIsLeftOut) {
  // Rows 0 and 3 are padding: their values must not reach into the picture.
  const Map map{{0, 0, 1, 4}, {9, -1, -1, 9}};
  const Grid grid = grid_of({{4, 4}, {0, 1, 4, 2}}, {8, 4}, {1, 4});
  const Rect all{0, 0, 8, 4};
  EXPECT_EQ(samples_for(grid, all), (Rect{0, 1, 1, 2}));
  EXPECT_EQ(area(above_zero(part_of(map, samples_for(grid, all)), grid, all, {8, 4})), 0);
}

TEST(EnlargedTest, EdgesRunBetweenSamplesAndNotInSteps) {
  // A slanted edge over a map that is enlarged 10 times: its rows differ by one pixel, not by ten.
  Map map{{0, 0, 10, 10}, {}};
  for (int x = 0; x < 10; ++x) {
    for (int y = 0; y < 10; ++y) map.values.push_back(static_cast<float>(x + y) - 9.1F);
  }
  const Size picture{100, 100};
  const Grid grid = grid_of({{40, 40}, {0, 0, 40, 40}}, picture, {10, 10});
  const Image bitmap = bitmap_of(above_zero(map, grid, {0, 0, 100, 100}, picture), {0, 0, 100, 100});
  for (int y = 10; y < 90; ++y) {
    const std::uint8_t *row = bitmap.row<std::uint8_t>(y), *next = bitmap.row<std::uint8_t>(y + 1);
    EXPECT_EQ(std::find(row, row + 100, 255) - row, std::find(next, next + 100, 255) - next + 1) << y;
  }
}

}  // namespace
}  // namespace pixmill::tasks
