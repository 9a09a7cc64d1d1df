#include "codecs/jpeg_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

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
