#include "codecs/jpeg_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "codecs/test_pictures.h"
#include "pixmill/codecs/rows.h"
#include "support/testing.h"

namespace pixmill::codecs {
namespace {

using test::Bytes;
using test::make_picture;

Bytes jpeg_of(ImageView picture) {
  return encode(picture, {.format = Format::jpeg, .quality = 90});
}

// The pixels as libvips reads them.
Image rows_of(const std::filesystem::path& file) {
  RowReader reader(file);
  return reader.read(reader.spec().size.height);
}

void expect_equal(ImageView a, ImageView b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  ASSERT_EQ(a.channels(), b.channels()) << what;
  for (int y = 0; y < a.height(); ++y)
    ASSERT_TRUE(std::equal(a.row_bytes(y), a.row_bytes(y) + a.stride(), b.row_bytes(y))) << what << ", row " << y;
}

TEST(JpegRows, AreThoseOfLibvips) {
  const pixmill::testing::TemporaryFolder folder;
  for (const Size size : {Size{1, 1}, Size{17, 9}, Size{64, 48}, Size{333, 221}}) {
    for (const int channels : {1, 3}) {
      const Bytes file = jpeg_of(make_picture(size.width, size.height, channels));
      const std::string name = std::to_string(size.width) + "x" + std::to_string(channels);
      const auto path =
          pixmill::testing::write_file(folder.path() / name, {reinterpret_cast<const char*>(file.data()), file.size()});
      expect_equal(decode(file, name).image, rows_of(path), name);
    }
  }
}

TEST(JpegRows, AreThoseOfLibvipsForPhotographs) {
  PIXMILL_NEED_SAMPLES();
  int seen = 0;
  for (const char* part : {"photos", "exif"}) {
    for (const auto& entry : std::filesystem::directory_iterator(test::samples() / part)) {
      if (entry.path().extension() != ".jpg") continue;
      const std::string name = entry.path().filename().string();
      expect_equal(decode(test::read_file(entry.path()), name).image, rows_of(entry.path()), name);
      ++seen;
    }
  }
  EXPECT_GT(seen, 20);
}

// A JPEG with another segment before its first one.
Bytes with_segment(const Bytes& jpeg, char marker, std::string_view data) {
  const std::size_t length = data.size() + 2;
  std::string segment = {'\xFF', marker, static_cast<char>(length >> 8U), static_cast<char>(length & 0xFFU)};
  segment += data;
  const auto bytes = std::as_bytes(std::span(segment));
  Bytes file = jpeg;
  file.insert(file.begin() + 2, bytes.begin(), bytes.end());
  return file;
}

constexpr char kApp1 = '\xE1', kApp2 = '\xE2';

std::string exif_of(char orientation) {
  std::string exif("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 24);
  exif += orientation;
  return exif.append(7, '\0');
}

TEST(JpegHeads, SayHowAPictureIsStored) {
  const Bytes plain = jpeg_of(make_picture(48, 20, 3));
  const auto head = read_jpeg_head(plain);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->size, (Size{48, 20}));
  EXPECT_EQ(head->bands, 3);
  EXPECT_EQ(head->orientation, 1);
  EXPECT_FALSE(head->in_passes);
  EXPECT_EQ(read_jpeg_head(jpeg_of(make_picture(5, 9, 1)))->bands, 1);
  for (char orientation = 1; orientation <= 8; ++orientation) {
    const Bytes turned = with_segment(plain, kApp1, exif_of(orientation));
    EXPECT_EQ(read_jpeg_head(turned)->orientation, orientation);
    const Picture quick = decode(turned, "x", {.metadata = false}), slow = decode(turned, "x");
    expect_equal(quick.image, slow.image, std::to_string(orientation));
    EXPECT_EQ(quick.full, slow.full);
    EXPECT_EQ(read_header(turned, "x").size, slow.full);
    EXPECT_EQ(read_header(turned, "x").orientation, orientation);
  }
}

TEST(JpegHeads, OfAnyOtherKindAreLeftToLibvips) {
  const Bytes plain = jpeg_of(make_picture(48, 20, 3));
  EXPECT_FALSE(read_jpeg_head(with_segment(plain, kApp2, std::string("ICC_PROFILE\0\1\1profile", 21))));
  EXPECT_FALSE(read_jpeg_head(with_segment(with_segment(plain, kApp1, exif_of(3)), kApp1, exif_of(6)))) << "which one?";
  const std::string empty("Exif\0\0", 6);
  EXPECT_FALSE(read_jpeg_head(with_segment(with_segment(plain, kApp1, exif_of(6)), kApp1, empty)));
  EXPECT_FALSE(read_jpeg_head(with_segment(plain, kApp1, "Exif, or not")));
  for (const std::size_t end : {std::size_t{0}, std::size_t{2}, std::size_t{30}, std::size_t{170}})
    EXPECT_FALSE(read_jpeg_head(std::span(plain).first(end))) << end;
}

TEST(JpegHeads, TakeTheOrientationFromWhereExifBelongs) {
  const Bytes file = with_segment(jpeg_of(make_picture(48, 20, 3)), kApp2, exif_of(6));
  EXPECT_EQ(read_jpeg_head(file)->orientation, 1);
  EXPECT_EQ(decode(file, "x").full, (Size{48, 20})) << "libvips takes it from there, too";
}

TEST(JpegHeads, TheSamplesAreTheSameWithoutMetadata) {
  PIXMILL_NEED_SAMPLES();
  int seen = 0, plain = 0;
  for (const char* part : {"photos", "exif", "formats", "broken"}) {
    for (const auto& entry : std::filesystem::directory_iterator(test::samples() / part)) {
      if (entry.path().extension() != ".jpg") continue;
      const std::string name = entry.path().filename().string();
      const Bytes file = test::read_file(entry.path());
      const auto code_of = [&](bool metadata, Picture& picture) {
        try {
          picture = decode(file, name, {.metadata = metadata});
          return std::string("good");
        } catch (const Error& error) {
          return error.message();
        }
      };
      Picture quick, slow;
      ASSERT_EQ(code_of(false, quick), code_of(true, slow));
      if (slow.image.width() > 0) expect_equal(quick.image, slow.image, name);
      EXPECT_EQ(quick.full, slow.full) << name;
      ++seen;
      plain += read_jpeg_head(file) ? 1 : 0;
    }
  }
  EXPECT_GT(seen, 20);
  EXPECT_GT(plain, 10);
}

TEST(JpegRows, AreReducedAsFarAsIsAllowed) {
  const Bytes file = jpeg_of(make_picture(401, 300, 3));
  const auto size_for = [&](Size least) {
    const Picture picture = decode(file, "a.jpg", {.least = [&](Size) { return least; }});
    EXPECT_EQ(picture.full, (Size{401, 300}));
    return picture.image.size();
  };
  EXPECT_EQ(size_for({401, 300}), (Size{401, 300}));
  EXPECT_EQ(size_for({202, 100}), (Size{401, 300}));
  EXPECT_EQ(size_for({201, 150}), (Size{201, 150}));
  EXPECT_EQ(size_for({90, 75}), (Size{101, 75}));
  EXPECT_EQ(size_for({1, 1}), (Size{51, 38}));
}

TEST(JpegRows, AReducedPictureIsTheSamePicture) {
  const Image whole = make_picture(400, 304, 3);
  const Image small = decode(jpeg_of(whole), "a.jpg", {.least = [](Size) { return Size{100, 76}; }}).image;
  ASSERT_EQ(small.size(), (Size{100, 76}));
  for (int y = 0; y < 76; ++y) {
    for (int x = 0; x < 300; ++x) {
      const int middle = (x / 3 * 4 + 2) * 3 + x % 3;
      ASSERT_NEAR(small.row<std::uint8_t>(y)[x], whole.row<std::uint8_t>(y * 4 + 2)[middle], 6);
    }
  }
}

TEST(JpegRows, ADamagedFileIsLeftToLibvips) {
  const Bytes file = jpeg_of(make_picture(200, 150, 3));
  for (const std::size_t length : {file.size() / 2, file.size() - 40}) {
    const Bytes part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length));
    const Error error = pixmill::testing::error_of(ErrorCode::corrupt, [&] { decode(part, "cut.jpg"); });
    EXPECT_SAYS(error.message(), "cut.jpg (jpeg) is truncated");
  }
}

}  // namespace
}  // namespace pixmill::codecs
