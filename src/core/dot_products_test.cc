#include "pixmill/core/dot_products.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/simd_testing.h"

namespace pixmill {
namespace {

TEST(DotProductsTest, KnownProducts) {
  const std::vector<float> rows = {1, 2, 3, 4, 5, 6};
  std::vector<float> out(2);
  dot_products(std::vector<float>{1, 0, -1}, rows.data(), out);
  EXPECT_EQ(out, (std::vector<float>{-2, -2}));
}

TEST(DotProductsTest, SameUnderEachTargetForEveryLengthAndCount) {
  constexpr std::size_t kMostRows = 9, kLongest = 70;
  std::vector<float> query(kLongest), rows(kMostRows * kLongest + 1);
  for (std::size_t i = 0; i < query.size(); ++i) query[i] = std::cos(static_cast<float>(i) * 1.3F);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = std::sin(static_cast<float>(i) * 0.7F);
  testing::under_each_target([&] {
    for (std::size_t length = 0; length <= kLongest; ++length) {
      for (std::size_t count = 0; count <= kMostRows; ++count) {
        std::vector<float> out(count + 1, 77);
        dot_products(std::span(query).first(length), rows.data() + 1, std::span(out).first(count));
        EXPECT_EQ(out[count], 77);
        for (std::size_t row = 0; row < count; ++row) {
          double sum = 0;
          for (std::size_t i = 0; i < length; ++i) sum += double{query[i]} * rows[1 + row * length + i];
          ASSERT_NEAR(out[row], sum, 1e-5) << row << " of " << count << ", length " << length;
        }
      }
    }
  });
}

// A row of NaN is how an index forgets one: its neighbours do not suffer.
TEST(DotProductsTest, NoNumbersStayInTheirRow) {
  std::vector<float> query(40, 1), rows(5 * 40, 1);
  std::fill(rows.begin() + 80, rows.begin() + 120, std::numeric_limits<float>::quiet_NaN());
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
