// The estimates of memory: that they are sensible, and that real calls stay below them.
#include <malloc.h>

#include <cmath>

#include "codecs/test_rows.h"

namespace pixmill::codecs::test {
namespace {

constexpr Format kAll[] = {Format::jpeg, Format::png, Format::webp, Format::tiff, Format::avif,
                           Format::heic, Format::jxl, Format::bmp,  Format::gif};
constexpr Size kSize{2000, 1500};

Header header_of(Format format, Size size, int channels, int bits = 8) {
  Header header;
  header.format = format;
  header.size = size;
  header.channels = channels;
  header.bits = bits;
  return header;
}

TEST(Cost, GrowsWithThePicture) {
  for (const Format format : kAll) {
    for (const int channels : {1, 3, 4}) {
      const auto pixels = static_cast<std::size_t>(kSize.area()) * static_cast<std::size_t>(channels);
      const std::size_t decoding = decode_bytes(header_of(format, kSize, channels));
      EXPECT_GT(decoding, pixels) << name_of(format) << ": the result itself";
      EXPECT_GT(decode_bytes(header_of(format, {4000, 3000}, channels)), decoding * 2) << name_of(format);
      EXPECT_GE(decode_bytes(header_of(format, kSize, channels, 16)), decoding + pixels) << name_of(format);
      const std::size_t encoding = encode_bytes(format, kSize, channels, PixelType::u8);
      EXPECT_GT(encode_bytes(format, {4000, 3000}, channels, PixelType::u8), encoding * 2) << name_of(format);
      EXPECT_GE(encode_bytes(format, kSize, channels, PixelType::u16), encoding) << name_of(format);
      EXPECT_GE(encode_bytes(format, kSize, channels, PixelType::u8, 100), encoding) << name_of(format);
    }
  }
}

TEST(Cost, OfPassesIsThatOfTheWholePicture) {
  for (const Format format : {Format::jpeg, Format::png}) {
    Header header = header_of(format, kSize, 3);
    const std::size_t plain = decode_bytes(header);
    header.in_passes = true;
    EXPECT_GE(decode_bytes(header), plain + static_cast<std::size_t>(kSize.area()) * 3) << name_of(format);
  }
}

// Noise, so that no codec finds it easy; alpha is a disc with a soft edge.
Image make_noise(Size size, int channels) {
  Image image(size, channels);
  std::uint32_t random = 1;
  for (int y = 0; y < size.height; ++y) {
    auto* out = image.row<std::uint8_t>(y);
    for (int i = 0; i < size.width * channels; ++i) {
      random = random * 1664525U + 1013904223U;
      out[i] = static_cast<std::uint8_t>(100 + y / 100 % 64 + static_cast<int>(random >> 27));
      if (i % 4 != 3 || channels != 4) continue;
      const double radius = std::hypot(i / 4 - size.width / 2, y - size.height / 2);
      out[i] = static_cast<std::uint8_t>(std::clamp(255.0 - 8 * (radius - 500), 0.0, 255.0));
    }
  }
  return image;
}

void expect_within_estimates(Format format, Size size, int channels) {
  const Image image = make_noise(size, channels);
  const std::string what =
      std::string(name_of(format)) + " " + std::to_string(channels) + " " + std::to_string(size.width);
  encode_as(make_picture(16, 16, channels), format);  // loads and starts what the first call needs
  Bytes file;
  const std::int64_t encoding = growth([&] { file = encode_as(image, format); });
  ASSERT_GE(encoding, 0);
  EXPECT_LE(encoding, static_cast<std::int64_t>(encode_bytes(format, size, channels, PixelType::u8))) << what;
  const Header header = read_header(file, "x");
  const std::int64_t decoding = growth([&] { decode(file, "x"); });
  EXPECT_LE(decoding, static_cast<std::int64_t>(decode_bytes(header))) << what;
}

TEST(Cost, IsAtLeastWhatCallsTake) {
  PIXMILL_NEED_PLAIN_MEMORY();
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);  // what was freed counts no longer
  for (const Format format : {Format::jpeg, Format::png, Format::tiff, Format::webp, Format::bmp}) {
    for (const int channels : {1, 3, 4}) {
      if (channels == 4 && !holds_alpha(format)) continue;
      for (const Size size : {Size{400, 300}, Size{800, 600}}) expect_within_estimates(format, size, channels);
    }
  }
}

}  // namespace
}  // namespace pixmill::codecs::test
