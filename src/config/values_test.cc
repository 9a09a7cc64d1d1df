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

using Rgba = std::array<std::uint8_t, 4>;

TEST(ParseColour, HexNumbersAndNames) {
  EXPECT_EQ(parse_colour("#336699"), (Rgba{0x33, 0x66, 0x99, 255}));
  EXPECT_EQ(parse_colour("#fA0"), (Rgba{0xff, 0xaa, 0x00, 255}));
  EXPECT_EQ(parse_colour("#33669980"), (Rgba{0x33, 0x66, 0x99, 0x80}));
  EXPECT_EQ(parse_colour("1,2,3"), (Rgba{1, 2, 3, 255}));
  EXPECT_EQ(parse_colour("255, 0, 10, 128"), (Rgba{255, 0, 10, 128}));
  for (const char* bad : {"", "#", "#12", "#12345", "#gggggg", "#-12345", "puce", "1,2", "1,2,3,4,5", "256,0,0",
                          "-1,0,0", "1,,3", "1,2,3,", ","})
    EXPECT_FALSE(parse_colour(bad)) << bad;
}

TEST(ParseColour, AllNamesOfCss) {
  EXPECT_EQ(parse_colour("aliceblue"), (Rgba{0xf0, 0xf8, 0xff, 255}));    // the first row,
  EXPECT_EQ(parse_colour("yellowgreen"), (Rgba{0x9a, 0xcd, 0x32, 255}));  // the last,
  EXPECT_EQ(parse_colour("RebeccaPurple"), (Rgba{0x66, 0x33, 0x99, 255}));
  EXPECT_EQ(parse_colour("grey"), parse_colour("gray"));
  EXPECT_EQ(parse_colour("darkslategrey"), parse_colour("#2f4f4f"));
  EXPECT_EQ(parse_colour("transparent"), (Rgba{0, 0, 0, 0}));
}

TEST(ParseDevices, NumbersAreCudas) {
  EXPECT_EQ(parse_devices("0"), "cuda:0");
  EXPECT_EQ(parse_devices("0,1,cpu"), "cuda:0,cuda:1,cpu");
  EXPECT_EQ(parse_devices("openvino:GPU"), "openvino:GPU");
  EXPECT_EQ(parse_devices("cuda,"), "cuda,");  // the empty name is refused where devices are known
  EXPECT_EQ(parse_devices("auto"), "auto");
}

TEST(ParseWhen, DatesAndSpans) {
  EXPECT_EQ(parse_when("90s", 1000), 910);
  EXPECT_EQ(parse_when("2d", 1'000'000), 1'000'000 - 2 * 86400);
  EXPECT_EQ(parse_when("2026-11-21T08:00", 0).value() - parse_when("2026-11-21", 0).value(), 8 * 3600);
  for (const char* bad : {"", "d", "5y", "2026-13-40x", "soon", "-5m"}) EXPECT_FALSE(parse_when(bad, 0)) << bad;
}

}  // namespace
}  // namespace pixmill::config
