#include "pixmill/core/row_filter.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/simd_testing.h"

namespace pixmill {
namespace {

using Row = std::vector<std::uint8_t>;

// Noise of bytes; with `coarse` few different values, so that predictions are often equally good.
Row noise(std::size_t bytes, std::uint32_t seed, bool coarse) {
  Row row(bytes);
  for (std::uint8_t& byte : row) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(seed >> 24U);
    if (coarse) byte = static_cast<std::uint8_t>(byte / 64 * 85);
  }
  return row;
}

// What a reader of PNG does (ISO/IEC 15948, 9.2): the row that was filtered.
Row unfiltered(RowFilter filter, const Row& filtered, const Row& above, std::size_t step) {
  Row row(filtered.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int a = i < step ? 0 : row[i - step];
    const int b = above[i];
    const int c = i < step ? 0 : above[i - step];
    const int pa = std::abs(b - c), pb = std::abs(a - c), pc = std::abs(a + b - 2 * c);
    const int paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    const int predictions[] = {0, a, b, (a + b) / 2, paeth};
    row[i] = static_cast<std::uint8_t>(filtered[i] + predictions[static_cast<std::size_t>(filter)]);
  }
  return row;
}

TEST(RowFilterTest, EachFilterIsUndoneByTheStandardsFormulaUnderEachTarget) {
  testing::under_each_target([] {
    for (const std::size_t step : {1U, 2U, 3U, 4U, 6U, 8U}) {
      for (std::size_t pixels = 1; pixels < 150; pixels += pixels < 40 ? 1 : 13) {
        for (const bool coarse : {false, true}) {
          const Row row = noise(pixels * step, 1, coarse);
          const Row above = noise(pixels * step, 2, coarse);
          for (std::size_t i = 0; i < kRowFilters; ++i) {
            const auto filter = static_cast<RowFilter>(i);
            Row to(row.size());
            filter_row(filter, row, above, step, to);
            ASSERT_EQ(unfiltered(filter, to, above, step), row) << "filter " << i << ", step " << step;
          }
        }
      }
    }
  });
}

TEST(RowFilterTest, CostsAreThoseOfTheFilteredBytesUnderEachTarget) {
  testing::under_each_target([] {
    for (const std::size_t step : {1U, 3U, 4U, 8U}) {
      for (const std::size_t pixels : {1U, 5U, 16U, 33U, 64U, 201U}) {
        const Row row = noise(pixels * step, 3, false);
        const Row above = noise(pixels * step, 4, false);
        const auto costs = filter_costs(row, above, step);
        for (std::size_t i = 0; i < kRowFilters; ++i) {
          Row to(row.size());
          filter_row(static_cast<RowFilter>(i), row, above, step, to);
          std::uint64_t sum = 0;
          for (const std::uint8_t byte : to) sum += byte < 128 ? byte : 256U - byte;
          ASSERT_EQ(costs[i], sum) << "filter " << i << ", step " << step << ", pixels " << pixels;
        }
      }
    }
  });
}

TEST(RowFilterTest, TheCheapestFitsThePicture) {
  const Row flat(300, 200), black(300, 0);
  EXPECT_EQ(cheapest_filter(flat, flat, 3), RowFilter::up);
  EXPECT_EQ(cheapest_filter(flat, black, 3), RowFilter::sub);
  EXPECT_EQ(cheapest_filter(black, black, 3), RowFilter::none) << "of equal ones the first";
  Row slope(300);
  for (std::size_t i = 0; i < slope.size(); ++i) slope[i] = static_cast<std::uint8_t>(i / 2);
  EXPECT_EQ(cheapest_filter(slope, black, 1), RowFilter::sub);
}

}  // namespace
}  // namespace pixmill
