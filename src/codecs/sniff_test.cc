#include "codecs/sniff.h"

#include <string_view>

#include "codecs/test_pictures.h"

namespace pixmill::codecs::test {
namespace {

using namespace std::literals;

TEST(FormatNames, GoBothWays) {
  for (const Format format : {Format::jpeg, Format::png, Format::webp, Format::tiff, Format::avif, Format::heic,
                              Format::jxl, Format::bmp, Format::gif}) {
    EXPECT_EQ(format_from(name_of(format)), format);
    EXPECT_EQ(format_from(extension_of(format)), format);
  }
  EXPECT_EQ(format_from("TIFF"), Format::tiff);
  EXPECT_EQ(format_from("Jpg"), Format::jpeg);
  EXPECT_EQ(format_from("heif"), Format::heic);
  EXPECT_FALSE(format_from(""));
  EXPECT_FALSE(format_from("svg"));
  EXPECT_FALSE(holds_alpha(Format::jpeg));
  EXPECT_TRUE(holds_alpha(Format::png));
}

TEST(Sniff, TellsFormatsByTheirFirstBytes) {
  EXPECT_EQ(sniff(to_bytes("\xff\xd8\xff\xe0")), Format::jpeg);
  EXPECT_EQ(sniff(to_bytes("\x89PNG\r\n\x1a\n")), Format::png);
  EXPECT_EQ(sniff(to_bytes("RIFF\1\2\3\4WEBPVP8 ")), Format::webp);
  EXPECT_EQ(sniff(to_bytes("II*\0\x08\0\0\0"sv)), Format::tiff);
  EXPECT_EQ(sniff(to_bytes("MM\0+\0\x08"sv)), Format::tiff);
  EXPECT_EQ(sniff(to_bytes("\0\0\0\x1c"
                           "ftypmif1\0\0\0\0mif1avif"sv)),
            Format::avif);
  EXPECT_EQ(sniff(to_bytes("\0\0\0\x18"
                           "ftypheic\0\0\0\0mif1"sv)),
            Format::heic);
  EXPECT_EQ(sniff(to_bytes("\xff\x0a\x11")), Format::jxl);
  EXPECT_EQ(sniff(to_bytes("\0\0\0\x0cJXL \r\n\x87\n"sv)), Format::jxl);
  EXPECT_EQ(sniff(to_bytes("GIF89a")), Format::gif);
  EXPECT_EQ(sniff(to_bytes("BM1234\0\0\0\0\x36\0\0\0\x28\0\0\0"sv)), Format::bmp);
}

TEST(Sniff, KnowsNothingElse) {
  for (const std::string_view head : {""sv, "\xff"sv, "RIFF\1\2\3\4WAVEfmt "sv,
                                      "\0\0\0\x18"
                                      "ftypmp42\0\0\0\0mp42"sv,
                                      "%PDF-1.7"sv, "<svg/>"sv, "BMW is a car, not a picture"sv,
                                      "II*\0\x10\0\0\0CR\2\0"sv, "P6 1 1 255"sv, "\0\0\0\0\0\0\0\0\0\0"sv}) {
    EXPECT_FALSE(sniff(to_bytes(head))) << head;
  }
}

struct Case {
  std::string_view content;
  ErrorCode code;
  std::string said;
};

TEST(Sniff, SaysWhatAStrangerIs) {
  const Case cases[] = {
      {"", ErrorCode::corrupt, "is empty"},
      {"just a few words\n", ErrorCode::unsupported, "looks like text"},
      {"<?xml version='1.0'?><svg xmlns='x'/>", ErrorCode::unsupported, "an SVG drawing"},
      {"%PDF-1.7", ErrorCode::unsupported, "a PDF document"},
      {"version https://git-lfs.github.com/spec/v1\n", ErrorCode::unsupported, "Git LFS"},
      {"\0\0\0\0\0\0\0\0"sv, ErrorCode::unsupported, "zero bytes"},
      {"II*\0\x10\0\0\0CR\2\0"sv, ErrorCode::unsupported, "camera raw"},
      {"\x01\x02\x03\x04", ErrorCode::unsupported, "no known format"},
  };
  for (const Case& stranger : cases) {
    const auto error = error_of(to_bytes(stranger.content));
    ASSERT_TRUE(error) << stranger.said;
    EXPECT_EQ(error->code(), stranger.code) << stranger.said;
    EXPECT_TRUE(contains(error->message(), stranger.said)) << error->message();
    EXPECT_TRUE(contains(error->message(), "given.name")) << error->message();
    EXPECT_FALSE(error->hint().empty());
  }
}

}  // namespace
}  // namespace pixmill::codecs::test
