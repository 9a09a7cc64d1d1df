#include "pixmill/core/half_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/simd_testing.h"
#include "pixmill/core/half.h"

namespace pixmill {
namespace {

TEST(HalfRowsTest, EveryHalfIsWidenedAsItsScalarTwinDoes) {
  std::vector<std::uint16_t> all(65536);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
  testing::under_each_target([&] {
    std::vector<float> wide(all.size());
    widen(all, wide);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const float expected = from_f16(all[i]);
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(wide[i])) << i;
      } else {
        ASSERT_EQ(wide[i], expected) << i;
      }
    }
  });
}

TEST(HalfRowsTest, NumbersAreNarrowedAsTheScalarTwinDoes) {
  std::vector<float> values = {0, -0.0F, 1, -1, 65504, 1e-7F, 6e-8F, 1e-9F, 1.00048828125F, 0.333333F, 5e4F, 1e6F};
  for (int i = 0; i < 3000; ++i) values.push_back(std::sin(static_cast<float>(i)) * std::pow(10.0F, i % 9 - 5));
  testing::under_each_target([&] {
    for (const std::size_t count : {values.size(), std::size_t{1}, std::size_t{7}, std::size_t{33}, std::size_t{0}}) {
      std::vector<std::uint16_t> halves(count + 1, 7);
      narrow(std::span(values).first(count), std::span(halves).first(count));
      EXPECT_EQ(halves[count], 7);
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(halves[i], to_f16(values[i])) << values[i];
    }
    std::uint16_t none = 0;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    narrow({&nan, 1}, {&none, 1});
    EXPECT_TRUE(std::isnan(from_f16(none)));
  });
}

TEST(HalfRowsTest, ProductsAreTheSameUnderEachTargetForEveryLengthAndCount) {
  constexpr std::size_t kMostRows = 9, kLongest = 70;
  std::vector<float> query(kLongest);
  std::vector<std::uint16_t> rows(kMostRows * kLongest + 1);
  for (std::size_t i = 0; i < query.size(); ++i) query[i] = std::cos(static_cast<float>(i) * 1.3F);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = to_f16(std::sin(static_cast<float>(i) * 0.7F));
  testing::under_each_target([&] {
    for (std::size_t length = 0; length <= kLongest; ++length) {
      for (std::size_t count = 0; count <= kMostRows; ++count) {
        std::vector<float> out(count + 1, 77);
        dot_products(std::span(query).first(length), rows.data() + 1, std::span(out).first(count));
        EXPECT_EQ(out[count], 77);
        for (std::size_t row = 0; row < count; ++row) {
          double sum = 0;
          for (std::size_t i = 0; i < length; ++i) sum += double{query[i]} * from_f16(rows[1 + row * length + i]);
          ASSERT_NEAR(out[row], sum, 1e-5) << row << " of " << count << ", length " << length;
        }
      }
    }
  });
}

// A row of NaN is how an index forgets one: its neighbours do not suffer.
TEST(HalfRowsTest, NoNumbersStayInTheirRow) {
  const std::vector<float> query(40, 1);
  std::vector<std::uint16_t> rows(5 * 40, to_f16(1));
  std::fill(rows.begin() + 80, rows.begin() + 120, to_f16(std::numeric_limits<float>::quiet_NaN()));
  testing::under_each_target([&] {
    std::vector<float> out(5);
    dot_products(query, rows.data(), out);
    for (std::size_t row = 0; row < 5; ++row) EXPECT_EQ(std::isnan(out[row]), row == 2);
    EXPECT_EQ(out[1], 40);
    EXPECT_EQ(out[3], 40);
  });
}

}  // namespace
}  // namespace pixmill
