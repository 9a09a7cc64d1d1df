// Every format that can be written, there and back.
#include <atomic>
#include <thread>

#include "codecs/test_pictures.h"

namespace pixmill::codecs::test {
namespace {

constexpr Format kAll[] = {Format::jpeg, Format::png, Format::webp, Format::tiff, Format::avif,
                           Format::heic, Format::jxl, Format::bmp,  Format::gif};

TEST(RoundTrip, SupportIsHonest) {
  for (const FormatSupport& row : supported_formats()) {
    const Image image = make_picture(20, 20, 3);
    if (row.write) {
      EXPECT_EQ(sniff(encode_as(image, row.format)), row.format) << name_of(row.format);
    } else {
      EXPECT_THROW(encode_as(image, row.format), Error) << name_of(row.format);
    }
  }
  for (const Format format : {Format::jpeg, Format::png, Format::tiff, Format::bmp}) EXPECT_TRUE(can_write(format));
}

TEST(RoundTrip, LosslessFormatsKeepEverySample) {
  for (const Format format : {Format::png, Format::tiff, Format::bmp, Format::webp, Format::jxl}) {
    if (!can_write(format)) continue;
    for (const int channels : {1, 3, 4}) {
      const Image image = make_picture(61, 37, channels);
      const Picture back = decode(encode_as(image, format, 100), "x");
      EXPECT_EQ(back.format, format);
      const bool gray_becomes_rgb = channels == 1 && (format == Format::bmp || format == Format::webp);
      if (gray_becomes_rgb) {
        ASSERT_EQ(back.image.channels(), 3);
        EXPECT_EQ(back.image.row<std::uint8_t>(3)[15], image.row<std::uint8_t>(3)[5]);
      } else {
        EXPECT_EQ(difference(image, back.image), 0) << name_of(format) << " " << channels;
      }
    }
  }
}

TEST(RoundTrip, SixteenBitsStaySixteenBits) {
  for (const Format format : {Format::png, Format::tiff, Format::jxl}) {
    if (!can_write(format)) continue;
    for (const int channels : {1, 3, 4}) {
      const Image image = make_picture<std::uint16_t>(40, 30, channels);
      const Picture back = decode(encode_as(image, format, 100), "x");
      ASSERT_EQ(back.image.type(), PixelType::u16) << name_of(format);
      ASSERT_EQ(back.image.channels(), channels) << name_of(format);
      EXPECT_EQ(std::memcmp(back.image.data(), image.data(), image.bytes()), 0) << name_of(format) << " " << channels;
    }
  }
}

TEST(RoundTrip, LossyFormatsComeClose) {
  for (const Format format : {Format::jpeg, Format::webp, Format::avif, Format::heic, Format::jxl, Format::gif}) {
    if (!can_write(format)) continue;
    const Image image = make_picture(96, 64, 3);
    const Picture back = decode(encode_as(image, format), "x");
    ASSERT_EQ(back.image.channels(), 3) << name_of(format);
    EXPECT_LT(mean_difference(image, back.image), format == Format::gif ? 12.0 : 3.0) << name_of(format);
  }
}

TEST(RoundTrip, AlphaSurvivesWhereTheFormatHoldsIt) {
  for (const Format format : kAll) {
    if (!can_write(format) || !holds_alpha(format) || format == Format::gif) continue;
    const Image image = make_picture(64, 48, 4);
    const Picture back = decode(encode_as(image, format), "x");
    ASSERT_EQ(back.image.channels(), 4) << name_of(format);
    EXPECT_NEAR(back.image.row<std::uint8_t>(20)[4 * 30 + 3], image.row<std::uint8_t>(20)[4 * 30 + 3], 4)
        << name_of(format);
  }
}

TEST(RoundTrip, DeepPicturesInHeifReachFullWhite) {
  for (const Format format : {Format::avif, Format::heic}) {
    if (!can_write(format)) continue;
    Image white({32, 32}, 3, PixelType::u16);
    std::memset(white.data(), 0xff, white.bytes());
    Picture back;
    try {
      back = decode(encode_as(white, format, 100), "x");
    } catch (const Error& error) {
      GTEST_LOG_(INFO) << name_of(format) << " has no deep encoder here: " << error.message();
      continue;
    }
    if (back.image.type() == PixelType::u16) {
      EXPECT_GE(back.image.row<std::uint16_t>(5)[5], 65400);
    } else {
      EXPECT_GE(back.image.row<std::uint8_t>(5)[5], 254);
    }
  }
}

TEST(RoundTrip, FloatAndDeepPicturesAreRoundedForEightBits) {
  Image image({2, 1}, 3, PixelType::f32);
  const float values[] = {0.0F, 0.5F, 1.0F, -1.0F, 2.0F, 0.25F};
  std::copy(std::begin(values), std::end(values), image.row<float>(0));
  const Picture bmp = decode(encode_as(image, Format::bmp), "x");
  const std::uint8_t wanted[] = {0, 128, 255, 0, 255, 64};
  EXPECT_TRUE(std::equal(std::begin(wanted), std::end(wanted), bmp.image.row<std::uint8_t>(0)));
  const Picture png = decode(encode_as(image, Format::png), "x");
  EXPECT_EQ(png.image.row<std::uint16_t>(0)[2], 65535);

  const Image deep = make_picture<std::uint16_t>(32, 32, 3);
  EXPECT_LE(difference(deep, decode(encode_as(deep, Format::bmp), "x").image), 1);
}

TEST(RoundTrip, PartOfAPictureIsWrittenWithoutItsSurroundings) {
  const Image image = make_picture(50, 40, 4);
  const ImageView part = image.view().crop({7, 9, 21, 13});
  EXPECT_EQ(difference(part, decode(encode_as(part, Format::png), "x").image), 0);
}

TEST(RoundTrip, ExtremeShapes) {
  for (const Size size : {Size{1, 1}, Size{1, 20000}, Size{20000, 1}}) {
    for (const Format format : {Format::png, Format::jpeg, Format::bmp, Format::tiff}) {
      const Image image = make_picture(size.width, size.height, 3);
      const Picture back = decode(encode_as(image, format), "x");
      EXPECT_EQ(back.image.size(), size) << name_of(format);
    }
  }
}

TEST(RoundTrip, JpegRefusesAlpha) {
  try {
    encode_as(make_picture(8, 8, 4), Format::jpeg);
    FAIL() << "alpha was dropped in silence";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    EXPECT_TRUE(contains(error.hint(), "png"));
  }
}

TEST(RoundTrip, QualityAndCompressionChangeTheSize) {
  const Image image = make_picture(200, 150, 3);
  EXPECT_LT(encode_as(image, Format::jpeg, 20).size(), encode_as(image, Format::jpeg, 95).size());
  EncodeOptions options;
  options.format = Format::tiff;
  options.compressed = false;
  const std::size_t stored = encode(image, options).size();
  options.compressed = true;
  EXPECT_LT(encode(image, options).size(), stored);
}

TEST(RoundTrip, HeaderAgreesWithThePicture) {
  for (const Format format : kAll) {
    if (!can_write(format)) continue;
    const Bytes file = encode_as(make_picture(33, 21, 3), format);
    const Header header = read_header(file, "x");
    EXPECT_EQ(header.format, format);
    EXPECT_EQ(header.size, (Size{33, 21}));
    EXPECT_EQ(header.channels, 3) << name_of(format);
    EXPECT_EQ(header.bits, 8);
  }
  const Header deep = read_header(encode_as(make_picture<std::uint16_t>(33, 21, 4), Format::png), "x");
  EXPECT_EQ(deep.bits, 16);
  EXPECT_EQ(deep.channels, 4);
}

TEST(RoundTrip, ManyThreadsGetTheirOwnPicturesAndErrors) {
  const Image image = make_picture(120, 90, 3);
  const Bytes good = encode_as(image, Format::png);
  Bytes bad = encode_as(image, Format::jpeg);
  bad.resize(bad.size() / 2);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        if ((t + i) % 3 == 0) {
          const auto error = error_of(bad);
          wrong += !error || error->code() != ErrorCode::corrupt || !contains(error->message(), "Premature end");
        } else {
          wrong += difference(decode(good, "good").image, image) != 0;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace pixmill::codecs::test
