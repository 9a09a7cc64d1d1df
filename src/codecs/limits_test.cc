// What a format cannot hold is said before anything is written.
#include "codecs/test_rows.h"

namespace pixmill::codecs::test {
namespace {

std::optional<Error> refusal(Format format, Size size, int channels = 3) {
  return thrown_by([&] { check_limits(format, size, channels, "given.name"); });
}

TEST(Limits, AreThoseOfTheFormats) {
  const std::pair<Format, int> longest[] = {{Format::jpeg, 65500},  {Format::png, 1000000}, {Format::webp, 16383},
                                            {Format::avif, 16384},  {Format::heic, 16384},  {Format::gif, 65535},
                                            {Format::tiff, 9999999}};
  for (const auto& [format, most] : longest) {
    for (const bool wide : {false, true}) {
      const auto size = [&](int length) { return wide ? Size{length, 2} : Size{2, length}; };
      EXPECT_FALSE(refusal(format, size(most))) << name_of(format);
      const auto error = refusal(format, size(most + 1));
      ASSERT_TRUE(error) << name_of(format);
      EXPECT_EQ(error->code(), ErrorCode::unsupported);
      EXPECT_TRUE(contains(error->message(), "given.name")) << error->message();
      EXPECT_TRUE(contains(error->message(), std::string(name_of(format)))) << error->message();
      EXPECT_TRUE(contains(error->message(), std::to_string(most))) << error->message();
      EXPECT_EQ(contains(error->hint(), "write tiff") || contains(error->hint(), "or tiff"), format != Format::tiff);
    }
  }
}

TEST(Limits, OfABitmapAreItsBytesToo) {
  EXPECT_FALSE(refusal(Format::bmp, {30000, 30000}, 3));
  const auto error = refusal(Format::bmp, {40000, 30000}, 4);
  ASSERT_TRUE(error);
  EXPECT_TRUE(contains(error->message(), "4 GB")) << error->message();
}

TEST(Limits, HoldForWholePicturesAndForRows) {
  const platform::TemporaryFolder folder("limits_test");
  const std::filesystem::path file = folder / "x.tmp";
  const Image wide({16384, 1}, 1);
  const auto whole = thrown_by([&] { encode_as(wide, Format::webp); });
  ASSERT_TRUE(whole);
  EXPECT_TRUE(contains(whole->message(), "16383")) << whole->message();
  EncodeOptions options;
  options.format = Format::webp;
  const auto rows = thrown_by([&] { RowWriter writer(file, options, spec_of(wide)); });
  ASSERT_TRUE(rows);
  EXPECT_TRUE(contains(rows->message(), file.string())) << rows->message();
  EXPECT_FALSE(std::filesystem::exists(file)) << "refused, and made all the same";
  options.format = Format::jpeg;
  EXPECT_TRUE(thrown_by([&] { RowWriter writer(file, options, {{8, 8}, 4}); }));
  EXPECT_TRUE(thrown_by([&] { RowWriter writer(file, options, {{8, 0}, 3}); }));
}

// The largest side that is allowed is one that the libraries take.
TEST(Limits, LeaveNothingToTheLibraries) {
  for (const auto& [format, most] :
       {std::pair{Format::jpeg, 65500}, std::pair{Format::webp, 16383}, std::pair{Format::gif, 65535}}) {
    if (!can_write(format)) continue;
    Image image({most, 1}, 3);
    std::memset(image.data(), 50, image.bytes());
    EXPECT_EQ(decode(encode_as(image, format), "x").image.size(), image.size()) << name_of(format);
  }
}

}  // namespace
}  // namespace pixmill::codecs::test
