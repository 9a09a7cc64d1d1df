// Damaged files, decompression bombs and other formats: an error with a reason, never a crash, never half a picture
// without one.
#include "codecs/png_chunks.h"
#include "codecs/test_pictures.h"

namespace pixmill::codecs::test {
namespace {

// The header of a PNG that claims this size, and no pixels.
Bytes png_of_size(std::uint32_t width, std::uint32_t height) {
  Bytes file = encode_as(make_picture(1, 1, 3), Format::png);
  Bytes header;
  for (const std::uint32_t side : {width, height}) {
    for (int shift = 24; shift >= 0; shift -= 8) header.push_back(static_cast<std::byte>(side >> shift));
  }
  header.insert(header.end(), file.begin() + 24, file.begin() + 29);
  Bytes shell(file.begin(), file.begin() + 33);
  insert_png_chunk(shell, "IHDR", header);             // after the old header, with a right checksum
  shell.erase(shell.begin() + 8, shell.begin() + 33);  // which goes
  shell.insert(shell.end(), file.begin() + 33, file.end());
  return shell;
}

TEST(Broken, BombsAreRefusedByTheirHeader) {
  const Bytes bomb = png_of_size(30000, 30000);
  const auto error = error_of(bomb);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::too_large);
  EXPECT_TRUE(contains(error->message(), "30000x30000"));
  EXPECT_TRUE(contains(error->message(), "given.name"));
  EXPECT_TRUE(contains(error->message(), "268.4 megapixels"));
  EXPECT_TRUE(contains(error->hint(), "--max-pixels"));
  EXPECT_EQ(read_header(bomb, "x").size, (Size{30000, 30000}));
}

TEST(Broken, TheLimitIsTheCallers) {
  DecodeOptions options;
  options.max_pixels = 99;
  for (const Format format : {Format::png, Format::jpeg, Format::bmp, Format::tiff, Format::webp}) {
    const Bytes file = encode_as(make_picture(10, 10, 3), format);
    options.max_pixels = 99;
    const auto error = error_of(file, options);
    ASSERT_TRUE(error) << name_of(format);
    EXPECT_EQ(error->code(), ErrorCode::too_large) << name_of(format);
    options.max_pixels = 100;
    EXPECT_FALSE(error_of(file, options)) << name_of(format);
    options.max_pixels = 0;
    EXPECT_FALSE(error_of(file, options)) << name_of(format);
  }
}

TEST(Broken, TruncatedFilesAreErrorsOrWhole) {
  for (const Format format : {Format::jpeg, Format::png, Format::webp, Format::tiff, Format::avif, Format::heic,
                              Format::jxl, Format::bmp, Format::gif}) {
    if (!can_write(format)) continue;
    const Image image = make_picture(160, 120, 3);
    const Bytes whole = encode_as(image, format);
    const Picture right = decode(whole, "x");
    for (int percent = 0; percent < 100; percent += 7) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() * percent / 100));
      try {
        const Picture picture = decode(cut, "x");
        EXPECT_EQ(difference(picture.image, right.image), 0)
            << name_of(format) << " at " << percent << " % gave a wrong picture in silence";
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::corrupt || error.code() == ErrorCode::unsupported)
            << name_of(format) << " at " << percent << " %: " << error.message();
      }
    }
  }
}

TEST(Broken, DamagedBytesNeverCrash) {
  std::uint32_t random = 12345;
  const auto next = [&] { return random = random * 1664525U + 1013904223U, random >> 8; };
  for (const Format format :
       {Format::jpeg, Format::png, Format::webp, Format::tiff, Format::jxl, Format::bmp, Format::gif}) {
    if (!can_write(format)) continue;
    const Bytes whole = encode_as(make_picture(40, 30, 3), format);
    for (int round = 0; round < 40; ++round) {
      Bytes damaged = whole;
      for (int i = 0; i < 3; ++i) damaged[next() % damaged.size()] = static_cast<std::byte>(next());
      DecodeOptions options;
      options.max_pixels = 1'000'000;
      const auto error = error_of(damaged, options);
      EXPECT_FALSE(error && error->code() == ErrorCode::internal) << name_of(format) << ": " << error->message();
    }
  }
}

TEST(Broken, DamagedScanOfAJpegIsAnError) {
  const Image image = make_picture(400, 300, 3);
  Bytes file = encode_as(image, Format::jpeg, 95);
  std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(file.size() / 2), 64, std::byte{0x5a});
  Bytes markers = encode_as(image, Format::jpeg, 95);
  markers[markers.size() / 2] = std::byte{0xff};
  markers[markers.size() / 2 + 1] = std::byte{0xd9};
  for (const Bytes& damaged : {file, markers}) {
    const auto error = error_of(damaged);
    if (!error) continue;  // some damage is still a valid scan; what is not must be named
    EXPECT_EQ(error->code(), ErrorCode::corrupt);
  }
  EXPECT_TRUE(error_of(markers));
}

TEST(Broken, StrayBytesBehindAJpegAreNot) {
  Bytes file = encode_as(make_picture(64, 64, 3), Format::jpeg);
  const Picture right = decode(file, "x");
  const Bytes stray = to_bytes("abc");
  file.insert(file.end() - 2, stray.begin(), stray.end());  // before the end marker
  file.insert(file.end(), 500, std::byte{0});
  EXPECT_EQ(difference(decode(file, "x").image, right.image), 0);
}

TEST(Broken, CameraRawIsNotTakenForItsPreview) {
  const Bytes exif = to_bytes(std::string_view(
      "II*\0\x08\0\0\0\x02\0\xfe\0\x04\0\x01\0\0\0\x01\0\0\0\x4a\x01\x04\0\x01\0\0\0\0\0\0\0\0\0\0\0", 38));
  const auto error = error_of(exif);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::unsupported);
  EXPECT_TRUE(contains(error->message(), "camera raw"));
}

}  // namespace
}  // namespace pixmill::codecs::test
