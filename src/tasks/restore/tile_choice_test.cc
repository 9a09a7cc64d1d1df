#include "tasks/restore/tile_choice.h"

#include <gtest/gtest.h>

namespace pixmill::tasks {
namespace {

constexpr std::int64_t kMegabyte = 1 << 20;

// A microsecond and 800 bytes a pixel, as far as `largest`.
models::TileCosts costs_up_to(int largest, std::int64_t memory, double bytes = 800) {
  models::TileCosts costs{{}, memory};
  for (int side = 64; side <= largest; side *= 2) {
    const double area = static_cast<double>(side) * side;
    costs.measured.push_back({side, area * 1e-6, static_cast<std::int64_t>(area * bytes)});
  }
  return costs;
}

TileRules rules_of(int tile, int overlap) {
  return {.tile = {tile, tile}, .multiple = 1, .overlap = overlap, .margin = 0, .fixed = false};
}

TEST(TileChoice, WithoutMeasurementsTheCardSaysIt) {
  EXPECT_EQ(choose_tile({1000, 1000}, rules_of(128, 32), {}, 1), (Size{128, 128}));
}

TEST(TileChoice, AModelOfOneSizeKeepsIt) {
  TileRules rules = rules_of(224, 32);
  rules.fixed = true;
  EXPECT_EQ(choose_tile({1000, 1000}, rules, costs_up_to(256, 400 * kMegabyte), 1), (Size{224, 224}));
}

TEST(TileChoice, AWholePictureWhereItFits) {
  const Size tile = choose_tile({768, 512}, rules_of(128, 32), costs_up_to(128, 400 * kMegabyte), 1);
  EXPECT_EQ(plan_tiles({768, 512},
                       [&] {
                         TileRules rules = rules_of(128, 32);
                         rules.tile = tile;
                         return rules;
                       }())
                .tiles(),
            1U);
}

TEST(TileChoice, APictureThatIsAloneIsDividedForAllCores) {
  models::TileCosts costs = costs_up_to(128, 400 * kMegabyte);
  TileRules rules = rules_of(128, 32);
  for (const int cores : {2, 4}) {
    costs.side_by_side = cores;
    rules.tile = choose_tile({768, 512}, rules, costs, 1);
    EXPECT_EQ(plan_tiles({768, 512}, rules).tiles(), static_cast<std::size_t>(cores));
  }
}

TEST(TileChoice, NoTileAboveTheMemory) {
  for (const std::int64_t megabytes : {10, 50, 100, 400}) {
    const models::TileCosts costs = costs_up_to(128, megabytes * kMegabyte);
    const Size tile = choose_tile({6000, 4000}, rules_of(128, 32), costs, 1);
    EXPECT_LE(tile_bytes(costs, tile), costs.memory);
    EXPECT_GE(tile.area() * 4, costs.memory / 800) << "much smaller than it might be";
  }
}

TEST(TileChoice, ARowOfTilesOfTheResultIsBounded) {
  TileRules rules = rules_of(128, 32);
  rules.tile = choose_tile({5000, 5000}, rules, costs_up_to(512, 400 * kMegabyte), 4);
  const TilePlan plan = plan_tiles({5000, 5000}, rules);
  EXPECT_LE(std::int64_t{20'000} * 4 * plan.rows.tile * 12 + 3 * plan.tile().area() * 17 * 12, 200 * kMegabyte);
  EXPECT_GT(rules.tile.width, rules.tile.height);
}

TEST(TileChoice, SlowLargeTilesAreLeft) {
  models::TileCosts costs = costs_up_to(256, 400 * kMegabyte);
  costs.measured.back().seconds *= 3;
  TileRules rules = rules_of(128, 32);
  rules.tile = choose_tile({768, 512}, rules, costs, 1);
  EXPECT_LT(plan_tiles({768, 512}, rules).tile().area(), 256 * 256);
}

TEST(TileChoice, ABetterRateOfSmallTilesDoesNotPayForTheWorkBesideTheModel) {
  const auto cost = [](int side, double nanoseconds) {
    return models::TileCost{side, side * side * nanoseconds * 1e-9, std::int64_t{100} * side * side};
  };
  const models::TileCosts costs{{cost(64, 1.0), cost(128, 1.2), cost(256, 2.0)}, 400 * kMegabyte};
  TileRules rules = rules_of(128, 32);
  rules.tile = choose_tile({2500, 2000}, rules, costs, 4);
  EXPECT_LT(plan_tiles({2500, 2000}, rules).work(), 1.5);
}

TEST(TileChoice, WithoutMeasuredMemoryNoSizeThatWasNotTried) {
  TileRules rules = rules_of(128, 32);
  rules.tile = choose_tile({3000, 3000}, rules, costs_up_to(256, 400 * kMegabyte, 0), 1);
  const std::int64_t area = plan_tiles({3000, 3000}, rules).tile().area();
  EXPECT_LE(area, 256 * 256);
  EXPECT_GT(area, 128 * 128);
}

TEST(TileChoice, SidesHaveTheMultiple) {
  TileRules rules = rules_of(128, 32);
  rules.multiple = 48;
  const Size tile = choose_tile({500, 300}, rules, costs_up_to(256, 400 * kMegabyte), 1);
  EXPECT_EQ(tile.width % 48, 0);
  EXPECT_EQ(tile.height % 48, 0);
}

TEST(TileChoice, MemoryGrowsWithTheTileBeyondWhatIsAlwaysThere) {
  models::TileCosts costs = costs_up_to(256, 400 * kMegabyte);
  for (models::TileCost& cost : costs.measured) cost.bytes += 300 * kMegabyte;  // weights
  EXPECT_NEAR(static_cast<double>(tile_bytes(costs, {1000, 100})), 800 * 1e5, 1e3);
}

}  // namespace
}  // namespace pixmill::tasks
