// The sample photographs beside the repository.
#include "codecs/exif.h"
#include "codecs/icc.h"
#include "codecs/test_pictures.h"

namespace pixmill::codecs::test {
namespace {

std::vector<std::filesystem::path> files_in(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(samples() / folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

TEST(Samples, AllEightOrientationsShowTheSamePicture) {
  PIXMILL_NEED_SAMPLES();
  const Picture first = decode_sample("exif/Portrait_1.jpg");
  ASSERT_EQ(first.image.size(), (Size{1200, 1800}));
  for (int orientation = 2; orientation <= 8; ++orientation) {
    const std::string name = "exif/Portrait_" + std::to_string(orientation) + ".jpg";
    const Picture picture = decode_sample(name);
    EXPECT_LT(mean_difference(first.image, picture.image), 4.0) << name;  // each has its number written on it
    EXPECT_EQ(exif_orientation(picture.metadata.exif), 1) << name;
    EXPECT_EQ(read_header(read_file(samples() / name), name).size, first.image.size()) << name;
  }
}

TEST(Samples, EveryGoodFileDecodesAndItsHeaderAgrees) {
  PIXMILL_NEED_SAMPLES();
  for (const char* folder : {"exif", "formats"}) {
    for (const auto& path : files_in(folder)) {
      const Bytes file = read_file(path);
      const Picture picture = decode(file, path.string());
      const Header header = read_header(file, path.string());
      EXPECT_EQ(header.size, picture.image.size()) << path;
      EXPECT_EQ(header.channels, picture.image.channels()) << path;
      EXPECT_EQ(header.bits, picture.image.type() == PixelType::u8 ? 8 : 16) << path;
      EXPECT_EQ(header.format, picture.format) << path;
      EXPECT_EQ(picture.bytes_in_file, file.size());
    }
  }
}

TEST(Samples, EveryBrokenFileIsAnErrorThatNamesIt) {
  PIXMILL_NEED_SAMPLES();
  for (const auto& path : files_in("broken")) {
    try {
      decode(read_file(path), path.filename().string());
      ADD_FAILURE() << path << " was decoded in silence";
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::corrupt || error.code() == ErrorCode::unsupported) << path;
      EXPECT_TRUE(contains(error.message(), path.filename().string())) << error.message();
      EXPECT_FALSE(error.hint().empty()) << path;
    }
  }
}

TEST(Samples, ContainersThatTurnAreNotTurnedTwice) {
  PIXMILL_NEED_SAMPLES();
  if (!can_write(Format::avif)) GTEST_SKIP() << "no AVIF codec";
  const Picture picture = decode_sample("formats/avif_orientation6.avif");
  EXPECT_EQ(picture.image.size(), (Size{3024, 4032}));
  EXPECT_EQ(exif_orientation(picture.metadata.exif), 1);
}

TEST(Samples, OrientationInAPngOfImageMagickIsObeyed) {
  PIXMILL_NEED_SAMPLES();
  Bytes file = read_file(samples() / "formats/png_exif_orientation3.png");
  const Image turned = decode(file, "x").image;
  const std::string raw = "Raw profile type exif";
  const auto* name = reinterpret_cast<const std::byte*>(raw.data());
  const auto at = std::search(file.begin(), file.end(), name, name + raw.size());
  ASSERT_NE(at, file.end());
  at[0] = std::byte{'X'};  // damages name and checksum: an unread ancillary chunk
  Image plain;
  try {
    plain = decode(file, "x").image;
  } catch (const Error&) {
    GTEST_SKIP() << "this libpng refuses the changed chunk";
  }
  const std::size_t last = turned.bytes() - 3;
  EXPECT_EQ(std::memcmp(turned.data(), plain.data() + last, 3), 0);
}

TEST(Samples, CmykWithoutProfileIsThePlainFormula) {
  PIXMILL_NEED_SAMPLES();
  const Picture cmyk = decode_sample("formats/cmyk_kodim23.jpg");
  ASSERT_EQ(cmyk.image.channels(), 3);
  EXPECT_LT(mean_difference(cmyk.image, decode_sample("kodak/kodim23.png").image), 2.0);
}

TEST(Samples, CmykOfAdobeIsNotInverted) {
  PIXMILL_NEED_SAMPLES();
  const Image image = decode_sample("formats/cmyk_icc_140.jpg").image;  // a logo on white
  for (int c = 0; c < 3; ++c) EXPECT_GT(image.row<std::uint8_t>(2)[c], 240);
  const Image red = decode_sample("formats/cmyk_pillow.jpg").image;  // red letters on black
  EXPECT_LT(red.row<std::uint8_t>(95)[3 * 50], 40);
}

TEST(Samples, ProfileThatSwapsColoursIsApplied) {
  PIXMILL_NEED_SAMPLES();
  const Image xyb = decode_sample("formats/xyb_icc.jpg").image;
  const Image plain = decode_sample("formats/tiff_rgb.tif").image;  // the same photograph, 16 bits
  ASSERT_EQ(xyb.size(), plain.size());
  double sum = 0;
  for (int y = 0; y < xyb.height(); ++y) {
    for (int i = 0; i < 3 * xyb.width(); ++i) {
      sum += std::abs(xyb.row<std::uint8_t>(y)[i] - plain.row<std::uint16_t>(y)[i] / 257);
    }
  }
  EXPECT_LT(sum / (3.0 * static_cast<double>(xyb.size().area())), 8.0);
}

TEST(Samples, SixteenBitsKeepTheirValues) {
  PIXMILL_NEED_SAMPLES();
  const Image deep = decode_sample("formats/rgb_16bit_kodim23_crop.png").image;
  ASSERT_EQ(deep.type(), PixelType::u16);
  for (int y = 0; y < deep.height(); ++y) {
    for (int i = 0; i < 3 * deep.width(); ++i) {
      const std::uint16_t value = deep.row<std::uint16_t>(y)[i];
      ASSERT_EQ(value, value / 257 * 257);
    }
  }
}

TEST(Samples, ChannelsAreWhatTheFileMeans) {
  PIXMILL_NEED_SAMPLES();
  EXPECT_EQ(decode_sample("formats/gray_00017.png").image.channels(), 1);
  EXPECT_EQ(decode_sample("formats/gray_progressive_wolf.jpg").image.channels(), 1);
  EXPECT_EQ(decode_sample("formats/palette_indexed.png").image.channels(), 3);
  EXPECT_EQ(decode_sample("formats/rgba_children.png").image.channels(), 4);
  EXPECT_EQ(decode_sample("formats/rgba_16bit_tree.png").image.type(), PixelType::u16);
  EXPECT_EQ(decode_sample("formats/webp_animated.webp").image.size(), (Size{245, 245}));
  EXPECT_EQ(decode_sample("formats/ultra_hdr_mpo.jpg").image.size(), (Size{3840, 2160}));
  EXPECT_EQ(decode_sample("formats/png_named_jpg.jpg").format, Format::png);
  EXPECT_EQ(decode_sample("formats/jpeg_named_svg.svg").format, Format::jpeg);
}

TEST(Samples, ProfilesOfTheWorldThatMeanSrgb) {
  PIXMILL_NEED_SAMPLES();
  EXPECT_TRUE(is_srgb(decode_sample("formats/png_named_jpg.jpg").metadata.icc));        // Hewlett-Packard's table
  EXPECT_TRUE(is_srgb(decode_sample("photos/animal-2.jpg").metadata.icc));              // a tiny one with 26 steps
  EXPECT_FALSE(is_srgb(decode_sample("photos/bus.jpg").metadata.icc));                  // Display P3
  EXPECT_FALSE(is_srgb(decode_sample("formats/avif_orientation6.avif").metadata.icc));  // Display P3
  EXPECT_FALSE(is_srgb(decode_sample("formats/xyb_icc.jpg").metadata.icc));
}

}  // namespace
}  // namespace pixmill::codecs::test
