// What a picture carries besides its pixels, and how it is turned.
#include "codecs/exif.h"
#include "codecs/photoshop.h"
#include "codecs/png_chunks.h"
#include "codecs/test_pictures.h"

namespace pixmill::codecs::test {
namespace {

std::uint32_t big_endian(const Bytes& bytes, std::size_t offset) {
  std::uint32_t result = 0;
  for (std::size_t i = 0; i < 4; ++i) result = result << 8 | std::to_integer<std::uint32_t>(bytes[offset + i]);
  return result;
}

TEST(Exif, IsMadeTrueForUprightPixels) {
  Bytes exif = make_exif(6, 1111, 2222);
  ASSERT_EQ(exif.size(), 106U);
  EXPECT_EQ(exif_orientation(exif), 6);
  settle_exif(exif, {640, 480});
  EXPECT_EQ(exif_orientation(exif), 1);
  EXPECT_EQ(big_endian(exif, 48), 640U);
  EXPECT_EQ(big_endian(exif, 60), 480U);
  EXPECT_EQ(big_endian(exif, 34), 0U) << "the directory of the thumbnail is still linked";
  EXPECT_EQ(exif.size(), 98U) << "the thumbnail's bytes are still there";
}

TEST(Exif, DamageIsNoError) {
  const Bytes whole = make_exif(3, 10, 10);
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes));
    settle_exif(cut, {1, 1});
    EXPECT_EQ(exif_orientation(cut), 1);
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] = std::byte{0xff};
    settle_exif(damaged, {1, 1});
  }
  EXPECT_EQ(exif_orientation(to_bytes("no exif at all")), 1);
}

TEST(Iptc, IsFramedForJpegAndUnframedAgain) {
  for (const std::string_view text : {"12345", "123456"}) {
    const Bytes record = to_bytes(text);
    const Bytes framed = wrap_iptc(record);
    EXPECT_EQ(framed.size() % 2, 0U);
    const auto bare = unwrap_iptc(framed);
    EXPECT_TRUE(std::equal(bare.begin(), bare.end(), record.begin(), record.end()));
  }
  EXPECT_TRUE(unwrap_iptc(to_bytes(std::string_view("Photoshop 3.0\0"
                                                    "8BIM\4\4",
                                                    20)))
                  .empty());
}

// A picture whose stored form has to be turned by `orientation` to become `image`.
Image stored_for(const Image& image, int orientation) {
  const bool turned = orientation >= 5;
  const Size size = turned ? Size{image.height(), image.width()} : image.size();
  Image stored(size, image.channels());
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const int right = size.width - 1 - x;
      const int below = size.height - 1 - y;
      const int to_x[] = {0, x, right, right, x, y, below, below, y};
      const int to_y[] = {0, y, y, below, below, x, x, right, right};
      std::copy_n(image.row<std::uint8_t>(to_y[orientation]) + to_x[orientation] * image.channels(), image.channels(),
                  stored.row<std::uint8_t>(y) + x * image.channels());
    }
  }
  return stored;
}

TEST(Orientation, PngIsTurnedInAllEightWays) {
  for (const int channels : {1, 3, 4}) {
    const Image image = make_picture(70, 45, channels);
    for (int orientation = 1; orientation <= 8; ++orientation) {
      Bytes file = encode_as(stored_for(image, orientation), Format::png);
      insert_png_chunk(file, "eXIf", make_exif(orientation, 1, 1));
      const Picture back = decode(file, "x");
      EXPECT_EQ(difference(image, back.image), 0) << orientation << ", channels " << channels;
      EXPECT_EQ(exif_orientation(back.metadata.exif), 1);
      EXPECT_EQ(read_header(file, "x").size, image.size());
    }
  }
}

TEST(Orientation, DeepPicturesAreTurnedToo) {
  const Image image = make_picture<std::uint16_t>(9, 5, 3);
  Bytes file = encode_as(image, Format::png);
  insert_png_chunk(file, "eXIf", make_exif(8, 1, 1));
  const Picture back = decode(file, "x");
  ASSERT_EQ(back.image.size(), (Size{5, 9}));
  EXPECT_EQ(back.image.row<std::uint16_t>(8)[0], image.row<std::uint16_t>(0)[0]);
  EXPECT_EQ(back.image.row<std::uint16_t>(0)[0], image.row<std::uint16_t>(0)[8 * 3]);
}

TEST(Metadata, IsWrittenOnRequestAndTrue) {
  Metadata metadata;
  metadata.exif = make_exif(6, 4000, 3000);
  metadata.xmp = to_bytes("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>");
  metadata.pixels_per_mm = 10;
  const Image image = make_picture(40, 30, 3);
  for (const Format format : {Format::jpeg, Format::png, Format::webp, Format::avif}) {
    if (!can_write(format)) continue;
    const Picture back = decode(encode_as(image, format, 90, &metadata), "x");
    EXPECT_EQ(back.image.size(), image.size()) << name_of(format) << " was turned: a stale orientation was written";
    EXPECT_FALSE(back.metadata.exif.empty()) << name_of(format);
    EXPECT_EQ(exif_orientation(back.metadata.exif), 1);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(back.metadata.xmp.data()), back.metadata.xmp.size()),
              "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
        << name_of(format);
    const bool holds_resolution = format == Format::jpeg || format == Format::png;
    EXPECT_NEAR(back.metadata.pixels_per_mm, 10, holds_resolution ? 0.1 : 10.0) << name_of(format);
    EXPECT_TRUE(back.metadata.icc.empty()) << "a profile that the source did not have";

    const Picture bare = decode(encode_as(image, format), "x");
    EXPECT_TRUE(bare.metadata.exif.empty()) << name_of(format);
    EXPECT_TRUE(bare.metadata.xmp.empty()) << name_of(format);
  }
}

TEST(Metadata, IptcGoesFromJpegToJpeg) {
  Metadata metadata;
  metadata.iptc = to_bytes("\x1c\x02\x05");
  const Picture back = decode(encode_as(make_picture(8, 8, 3), Format::jpeg, 90, &metadata), "x");
  EXPECT_EQ(back.metadata.iptc, metadata.iptc);
}

TEST(Metadata, IsLeftOutWhenNobodyWantsIt) {
  Metadata metadata;
  metadata.xmp = to_bytes("<x/>");
  DecodeOptions options;
  options.metadata = false;
  const Bytes file = encode_as(make_picture(8, 8, 3), Format::jpeg, 90, &metadata);
  EXPECT_TRUE(decode(file, "x", options).metadata.xmp.empty());
}

}  // namespace
}  // namespace pixmill::codecs::test
