#include "pixmill/vectors/nearest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "pixmill/core/error.h"
#include "pixmill/core/half.h"
#include "pixmill/core/half_rows.h"
#include "pixmill/vectors/sorted_lists.h"

namespace pixmill::vectors {
namespace {

constexpr std::size_t kColumns = 24;

// Rows of length 1 around centres of their own.
std::vector<float> made_up(std::size_t rows, std::size_t centres) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  std::vector<float> middle(centres * kColumns), values(rows * kColumns);
  for (float& value : middle) value = normal(random);
  for (std::size_t row = 0; row < rows; ++row) {
    float squares = 0;
    for (std::size_t i = 0; i < kColumns; ++i) {
      const float value = middle[(row % centres) * kColumns + i] + 0.3F * normal(random);
      values[row * kColumns + i] = value;
      squares += value * value;
    }
    for (std::size_t i = 0; i < kColumns; ++i) values[row * kColumns + i] /= std::sqrt(squares);
  }
  return values;
}

std::vector<std::uint16_t> halved(const std::vector<float>& values) {
  std::vector<std::uint16_t> halves(values.size());
  narrow(values, halves);
  return halves;
}

std::vector<std::uint16_t> made_up_rows(std::size_t rows, std::size_t centres) {
  return halved(made_up(rows, centres));
}

constexpr std::uint16_t kNone = 0x7e00;  // NaN

Neighbours by_hand(HalfMatrix rows, std::span<const float> query, std::size_t top) {
  Neighbours all;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    double product = 0;
    for (std::size_t i = 0; i < rows.columns; ++i) product += double{query[i]} * from_f16(rows.row(row)[i]);
    if (!std::isnan(product)) all.push_back({row, static_cast<float>(product)});
  }
  return merged(all, {}, top);
}

TEST(NearestTest, FewQueriesAndManyFindWhatComparingByHandFinds) {
  std::vector<std::uint16_t> values = made_up_rows(20'000, 20);  // more than are f32 at a time
  std::fill_n(values.begin() + 7 * kColumns, kColumns, kNone);
  const HalfMatrix rows{values, kColumns};
  for (const std::size_t count : {std::size_t{1}, std::size_t{3}, std::size_t{40}}) {
    const std::vector<float> queries = made_up(count, 20);
    const auto found = nearest(rows, {queries, kColumns}, 10);
    ASSERT_EQ(found.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      const Neighbours expected = by_hand(rows, Matrix{queries, kColumns}.row(i), 10);
      ASSERT_EQ(found[i].size(), 10U);
      for (std::size_t k = 0; k < 10; ++k) {
        EXPECT_EQ(found[i][k].row, expected[k].row) << "query " << i << " of " << count;
        EXPECT_NEAR(found[i][k].similarity, expected[k].similarity, 1e-5);
      }
    }
  }
}

TEST(NearestTest, FewerRowsThanWanted) {
  std::vector<std::uint16_t> values = made_up_rows(3, 3);
  std::fill_n(values.begin() + kColumns, kColumns, kNone);
  const std::vector<float> query = made_up(1, 3);
  const auto found = nearest({values, kColumns}, {query, kColumns}, 10);
  ASSERT_EQ(found.front().size(), 2U);
  EXPECT_EQ(found.front()[0].row, 0U);
  EXPECT_EQ(found.front()[1].row, 2U);
  EXPECT_TRUE(nearest({{}, kColumns}, {query, kColumns}, 10).front().empty());
}

TEST(SortedListsTest, AllListsFindWhatComparingWithAllFinds) {
  const std::vector<std::uint16_t> values = made_up_rows(5000, 60);
  const HalfMatrix rows{values, kColumns};
  std::vector<std::uint64_t> taken;
  for (std::uint64_t row = 0; row < 5000; row += 2) taken.push_back(row);
  const ListPlan plan = plan_lists(rows, taken, 40, {});
  ASSERT_EQ(plan.begins.size(), 41U);
  ASSERT_EQ(plan.centres.size(), 40 * kColumns);
  std::vector<std::uint64_t> order = plan.order;
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, taken);

  std::vector<std::uint16_t> sorted;
  for (const std::uint64_t row : plan.order) sorted.insert(sorted.end(), rows.row(row).begin(), rows.row(row).end());
  const HalfMatrix anew{sorted, kColumns};
  const SortedLists lists(anew, {plan.centres, kColumns}, plan.begins);
  for (const std::size_t count : {std::size_t{1}, std::size_t{30}}) {
    const std::vector<float> queries = made_up(count, 60);
    EXPECT_EQ(lists.nearest({queries, kColumns}, 10, 1000).size(), count);
    const auto all = nearest(anew, {queries, kColumns}, 10), found = lists.nearest({queries, kColumns}, 10, 40);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < 10; ++k) EXPECT_EQ(found[i][k].row, all[i][k].row);
    }
  }
  const auto probes = lists.probes_for(0.95, {});
  EXPECT_GE(probes.recall, 0.95);
  EXPECT_LT(probes.lists, 20U);
  EXPECT_EQ(lists.probes_for(2, {}).lists, 40U);  // more than all cannot be had
}

TEST(AlikePairsTest, PairsAboveTheSimilarityOnce) {
  std::vector<std::uint16_t> values = made_up_rows(3000, 3000);
  std::copy_n(values.begin() + 5 * kColumns, kColumns, values.begin() + 2000 * kColumns);
  std::copy_n(values.begin() + 5 * kColumns, kColumns, values.begin() + 1 * kColumns);
  std::fill_n(values.begin() + 9 * kColumns, kColumns, kNone);
  const HalfMatrix rows{values, kColumns};
  const auto pairs = alike_pairs(rows, 0.99F, {});
  EXPECT_EQ(pairs, (std::vector<std::pair<std::uint32_t, std::uint32_t>>{{1, 5}, {1, 2000}, {5, 2000}}));
  EXPECT_TRUE(alike_pairs({{}, kColumns}, 0.9F, {}).empty());
  const std::atomic<bool> stop = true;
  EXPECT_THROW(alike_pairs(rows, 0.99F, {{}, &stop}), Error);
}

// Another process may remove pictures while their rows are sorted.
TEST(SortedListsTest, RowsThatWereErasedMeanwhileLeaveFewerLists) {
  std::vector<std::uint16_t> values = made_up_rows(200, 4);
  std::fill(values.begin() + 5 * kColumns, values.end(), kNone);
  const HalfMatrix rows{values, kColumns};
  std::vector<std::uint64_t> taken(200);
  std::iota(taken.begin(), taken.end(), std::uint64_t{0});
  const ListPlan plan = plan_lists(rows, taken, 40, {});
  EXPECT_EQ(plan.begins.size(), 6U);
  EXPECT_EQ(plan.order.size(), 200U);
  const std::vector<std::uint16_t> sorted = rows_of(rows, plan.order);
  const SortedLists lists({sorted, kColumns}, {plan.centres, kColumns}, plan.begins);
  EXPECT_EQ(lists.nearest({made_up(1, 4), kColumns}, 10, 5).front().size(), 5U);
}

TEST(SortedListsTest, PartsThatDoNotBelongTogetherAreRefused) {
  const std::vector<std::uint16_t> values = made_up_rows(10, 2);
  const HalfMatrix rows{values, kColumns}, centres{std::span(values).first(2 * kColumns), kColumns};
  for (const std::vector<std::uint64_t>& begins :
       {std::vector<std::uint64_t>{0, 10}, {0, 4, 9}, {1, 4, 10}, {0, 11, 10}, {0, 4, 10, 10}})
    EXPECT_THROW(SortedLists(rows, centres, begins), Error);
  SortedLists(rows, centres, std::vector<std::uint64_t>{0, 4, 10});
}

TEST(SortedListsTest, SortingCanBeStopped) {
  const std::vector<std::uint16_t> values = made_up_rows(500, 5);
  std::vector<std::uint64_t> taken(500);
  std::iota(taken.begin(), taken.end(), std::uint64_t{0});
  const std::atomic<bool> stop = true;
  try {
    plan_lists({values, kColumns}, taken, 10, {{}, &stop});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::interrupted);
  }
}

}  // namespace
}  // namespace pixmill::vectors
