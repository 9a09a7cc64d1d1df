#include "tasks/restore/tile_plan.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <set>

#include "pixmill/core/error.h"

namespace pixmill::tasks {
namespace {

// Whatever the rules: in the picture every pixel's weights sum to one, in the tile that has them, and no tile is there
// twice.
void expect_covered(const TileAxis& axis, const TileRules& rules, int factor) {
  std::vector<double> sums(static_cast<std::size_t>(axis.length) * static_cast<std::size_t>(factor));
  std::set<int> starts;
  const int width = axis.tile - 2 * axis.margin;
  for (std::size_t i = 0; i < axis.tiles(); ++i) {
    EXPECT_TRUE(starts.insert(axis.starts[i]).second);
    EXPECT_EQ((axis.starts[i] + axis.margin) % rules.multiple, 0);
    const Span part = axis.part(i);
    EXPECT_LT(part.from, part.to);
    EXPECT_GE(part.from, axis.covered_from(i));
    EXPECT_LE(part.to, axis.covered_from(i) + width);
    const std::vector<float> weights = axis.weights(i, factor);
    ASSERT_EQ(weights.size(), static_cast<std::size_t>(part.length() * factor));
    for (std::size_t k = 0; k < weights.size(); ++k) {
      EXPECT_GE(weights[k], 0.0F);
      sums[static_cast<std::size_t>(part.from * factor) + k] += weights[k];
    }
    if (i == 0) continue;
    const int shared = axis.starts[i - 1] + width - axis.starts[i];
    EXPECT_GE(shared, std::min(rules.overlap, width / 2 / rules.multiple * rules.multiple));
  }
  for (const double sum : sums) ASSERT_NEAR(sum, 1.0, 1e-6);
  EXPECT_LE(axis.covered_from(0), 0);
}

TEST(TilePlan, TheDocumentsWidthsTakeNoTileTwice) {
  // Width 640 with tiles of 256 and an overlap of 64: the usual formula gives four, the last two at one place.
  const TilePlan wide = plan_tiles({640, 256}, {.tile = {256, 256}, .overlap = 64, .fixed = true});
  EXPECT_EQ(wide.columns.starts, (std::vector<int>{0, 192, 384}));
  EXPECT_EQ(wide.rows.starts, (std::vector<int>{0}));  // as high as a tile: one, not a second one of 64 rows
}

TEST(TilePlan, TilesAreNoLargerThanTheyNeedToBe) {
  const TilePlan plan = plan_tiles({768, 512}, {.tile = {512, 512}, .overlap = 32});
  EXPECT_EQ(plan.tile(), (Size{400, 512}));
  EXPECT_EQ(plan.tiles(), 2U);
  EXPECT_NEAR(plan.work(), 800.0 / 768.0, 1e-9);
  EXPECT_EQ(plan_tiles({100, 60}, {.tile = {512, 512}, .multiple = 16}).tile(), (Size{112, 64}));
  EXPECT_EQ(plan_tiles({100, 60}, {.tile = {64, 64}, .fixed = true}).tile(), (Size{64, 64}));
}

TEST(TilePlan, MarginsLieOutsideOfWhatATileCovers) {
  const TilePlan plan = plan_tiles({300, 100}, {.tile = {156, 156}, .overlap = 8, .margin = 7, .fixed = true});
  EXPECT_EQ(plan.columns.starts, (std::vector<int>{-7, 72, 151}));
  EXPECT_EQ(plan.rows.starts, (std::vector<int>{-7}));
  EXPECT_THROW(plan_tiles({300, 100}, {.tile = {14, 14}, .margin = 7}), Error);
}

TEST(TilePlan, EveryPixelHasWeightsThatSumToOne) {
  std::mt19937 random(5);
  const auto any = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int round = 0; round < 3000; ++round) {
    const int multiple = any(0, 2) == 0 ? any(1, 64) : 1, margin = any(0, 3) == 0 ? any(1, 9) : 0;
    const int units = any(1, 12) + (2 * margin + multiple - 1) / multiple;
    TileRules rules{.tile = {units * multiple, units * multiple},
                    .multiple = multiple,
                    .overlap = any(0, 64),
                    .margin = margin,
                    .fixed = any(0, 1) == 1};
    if (margin > 0) rules.multiple = 1;
    const Size picture = {any(1, 700), any(1, 9)};
    SCOPED_TRACE("round " + std::to_string(round));
    const TilePlan plan = plan_tiles(picture, rules);
    expect_covered(plan.columns, rules, any(1, 4));
    expect_covered(plan.rows, rules, 1);
    EXPECT_EQ(plan.tile().width % rules.multiple, 0);
    if (rules.fixed) EXPECT_EQ(plan.tile(), rules.tile);
    EXPECT_LE(plan.tile().width, rules.tile.width);
  }
}

TEST(TilePlan, ReflectionNeverLeavesThePicture) {
  EXPECT_EQ(reflected(-1, 5), 1);
  EXPECT_EQ(reflected(5, 5), 3);
  EXPECT_EQ(reflected(-9, 3), 1);
  EXPECT_EQ(reflected(700, 1), 0);
  for (int at = -50; at < 50; ++at) {
    EXPECT_GE(reflected(at, 4), 0);
    EXPECT_LT(reflected(at, 4), 4);
  }
}

}  // namespace
}  // namespace pixmill::tasks
