#include "pixmill/core/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace pixmill {
namespace {

TEST(Half, EveryF16SurvivesTheWayThroughF32) {
  for (std::uint32_t bits = 0; bits <= 0xffffu; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float single = from_f16(half);
    if (std::isnan(single)) {
      EXPECT_TRUE(std::isnan(from_f16(to_f16(single))));
    } else {
      ASSERT_EQ(to_f16(single), half) << bits;
    }
  }
}

TEST(Half, F16RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(to_f16(1.0f), 0x3c00);
  EXPECT_EQ(to_f16(1.0f + 0x1p-11f), 0x3c00);             // half way: to the even one below
  EXPECT_EQ(to_f16(1.0f + 3 * 0x1p-11f), 0x3c02);         // half way: to the even one above
  EXPECT_EQ(to_f16(1.0f + 0x1p-11f + 0x1p-20f), 0x3c01);  // beyond the middle
  EXPECT_EQ(to_f16(65504.0f), 0x7bff);
  EXPECT_EQ(to_f16(65519.9f), 0x7bff);
  EXPECT_EQ(to_f16(65520.0f), 0x7c00);
  EXPECT_EQ(to_f16(-std::numeric_limits<float>::infinity()), 0xfc00);
  EXPECT_EQ(to_f16(0x1p-24f), 0x0001);
  EXPECT_EQ(to_f16(0x1p-25f), 0x0000);
  EXPECT_EQ(to_f16(-0.0f), 0x8000);
}

TEST(Half, Bf16IsTheUpperHalfOfF32Rounded) {
  EXPECT_EQ(to_bf16(1.0f), 0x3f80);
  EXPECT_EQ(to_bf16(1.0f + 0x1p-8f), 0x3f80);
  EXPECT_EQ(to_bf16(1.0f + 3 * 0x1p-8f), 0x3f82);
  EXPECT_TRUE(std::isnan(from_bf16(to_bf16(std::numeric_limits<float>::quiet_NaN()))));
  EXPECT_EQ(from_bf16(0xc000), -2.0f);
}

}  // namespace
}  // namespace pixmill
