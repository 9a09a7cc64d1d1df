#include "pixmill/config/values.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "pixmill/core/error.h"

namespace pixmill::config {
namespace {

TEST(ParseBytes, PowersOf1024) {
  EXPECT_EQ(parse_bytes("2G"), std::int64_t{2} << 30);
  EXPECT_EQ(parse_bytes("1.5k"), 1536);
  EXPECT_EQ(parse_bytes("0"), 0);
  for (const char* bad : {"", "G", "-1", "1X", "1e30", "nan", "inf", "1 G"}) EXPECT_FALSE(parse_bytes(bad)) << bad;
}

TEST(ParsePercent, ShareOrPercent) {
  EXPECT_DOUBLE_EQ(parse_percent("8%").value(), 0.08);
  EXPECT_DOUBLE_EQ(parse_percent("0.08").value(), 0.08);
  for (const char* bad : {"", "%", "-1%", "8%%", "x"}) EXPECT_FALSE(parse_percent(bad)) << bad;
}

TEST(ParseSize, WidthTimesHeight) {
  EXPECT_EQ(parse_size("2000x1500"), (Size{2000, 1500}));
  EXPECT_EQ(parse_size("1X1"), (Size{1, 1}));
  for (const char* bad : {"", "x", "0x5", "5x", "-1x4", "99999x4", "4x4x4", "4 x 4"})
    EXPECT_FALSE(parse_size(bad)) << bad;
}

TEST(ParseColour, HexAndNames) {
  EXPECT_EQ(parse_colour("#336699"), (std::array<std::uint8_t, 3>{0x33, 0x66, 0x99}));
  EXPECT_EQ(parse_colour("#fA0"), (std::array<std::uint8_t, 3>{0xff, 0xaa, 0x00}));
  EXPECT_EQ(parse_colour("white"), (std::array<std::uint8_t, 3>{255, 255, 255}));
  for (const char* bad : {"", "#", "#12", "#12345", "#gggggg", "#-12345", "puce"})
    EXPECT_FALSE(parse_colour(bad)) << bad;
}

TEST(ParseWhen, DatesAndSpans) {
  EXPECT_EQ(parse_when("90s", 1000), 910);
  EXPECT_EQ(parse_when("2d", 1'000'000), 1'000'000 - 2 * 86400);
  EXPECT_EQ(parse_when("2026-11-21T08:00", 0).value() - parse_when("2026-11-21", 0).value(), 8 * 3600);
  for (const char* bad : {"", "d", "5y", "2026-13-40x", "soon", "-5m"}) EXPECT_FALSE(parse_when(bad, 0)) << bad;
}

}  // namespace
}  // namespace pixmill::config
