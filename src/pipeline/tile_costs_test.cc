#include "pixmill/pipeline/tile_costs.h"

#include <gtest/gtest.h>

#include "pipeline/testing.h"
#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace {

using models::TileCost;
using testing::file_text;
using testing::TemporaryFolder;
using testing::write_file;

platform::Home home_in(const TemporaryFolder& folder) {
  return {folder / "settings.yaml", folder / "models", folder / "state", folder / "cache", folder / "data"};
}

// Takes what it is given, up to a side.
class Picky final : public runtime::Session {
 public:
  explicit Picky(std::int64_t largest) : largest_(largest) {}
  const ModelSignature& signature() const override { return signature_; }
  const runtime::SessionInfo& info() const override { return info_; }
  std::size_t memory_bytes() const override { return 0; }
  std::vector<Tensor> run_inputs(std::span<const Tensor* const> inputs, std::span<const int>) override {
    const std::vector<std::int64_t>& shape = inputs.front()->shape();
    if (shape[2] > largest_) throw Error(ErrorCode::out_of_memory, "too large");
    shapes.push_back(shape);
    return {};
  }

  std::vector<std::vector<std::int64_t>> shapes;

 private:
  std::int64_t largest_;
  ModelSignature signature_;
  runtime::SessionInfo info_;
};

TEST(TileCosts, SquaresOfTwiceTheSideOneAfterTheOther) {
  Picky session(10'000);
  const std::vector<TileCost> costs = measure_tiles(session, {1, 3, 7, 7}, 2, 24);
  ASSERT_EQ(costs.size(), 4U);
  EXPECT_EQ(costs[0].side, 72);
  EXPECT_EQ(costs[3].side, 528);
  EXPECT_GE(session.shapes.size(), 8U);
  for (const auto& shape : session.shapes) {
    EXPECT_EQ(shape[1], 3);
    EXPECT_EQ(shape[2], shape[3]);
  }
}

TEST(TileCosts, WhatFailsEndsIt) {
  Picky session(200);
  EXPECT_EQ(measure_tiles(session, {1, 3, 7, 7}, 2, 1).size(), 2U);
  Picky none(1);
  EXPECT_TRUE(measure_tiles(none, {1, 3, 7, 7}, 2, 1).empty());
}

TEST(TileCosts, AreMeasuredOnceForEachEngine) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  int measured = 0;
  const auto measure = [&] {
    ++measured;
    return std::vector<TileCost>{{64, 0.01 * measured, 1000}, {128, 0.04, 4000}};
  };
  const std::vector<TileCost> first = known_tile_costs(home, "a", measure);
  EXPECT_EQ(known_tile_costs(home, "a", measure), first);
  EXPECT_EQ(measured, 1);
  EXPECT_NE(known_tile_costs(home, "b", measure), first);
  EXPECT_EQ(known_tile_costs(home, "a", measure), first) << "the other one replaced it";
  EXPECT_EQ(measured, 2);
}

TEST(TileCosts, AreMeasuredAgainWhereTheFileIsDamagedOrOfAnotherMachine) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  int measured = 0;
  const auto measure = [&] {
    ++measured;
    return std::vector<TileCost>{{64, 0.01, 1000}};
  };
  (void)known_tile_costs(home, "a", measure);
  const std::string good = file_text(tile_cost_file(home));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& text :
       {std::string("{"), std::string(), std::string("[]"), with("0.01", "-1"),
        with("\"machine\": \"", "\"machine\": \"other "), with("\"side\": 64", "\"side\": 0")}) {
    write_file(tile_cost_file(home), text);
    const int before = measured;
    EXPECT_EQ(known_tile_costs(home, "a", measure).size(), 1U);
    EXPECT_EQ(measured, before + 1) << text;
    EXPECT_EQ(known_tile_costs(home, "a", measure).size(), 1U);
    EXPECT_EQ(measured, before + 1) << "not stored";
  }
}

TEST(TileCosts, NothingIsStoredOfNothing) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  EXPECT_TRUE(known_tile_costs(home, "a", [] { return std::vector<TileCost>(); }).empty());
  EXPECT_FALSE(std::filesystem::exists(tile_cost_file(home)));
}

}  // namespace
}  // namespace pixmill::pipeline
