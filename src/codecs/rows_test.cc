// Rows in and out: what encode() and decode() make of whole pictures, the same row by row.
#include "pixmill/codecs/rows.h"

#include <vips/vips.h>

#include "codecs/png_chunks.h"
#include "codecs/test_rows.h"

namespace pixmill::codecs::test {
namespace {

constexpr Format kAll[] = {Format::jpeg, Format::png, Format::webp, Format::tiff, Format::avif,
                           Format::heic, Format::jxl, Format::bmp,  Format::gif};

class RowFiles : public ::testing::Test {
 protected:
  // The file of `image` written in rows is that of encode(); JPEG's Huffman tables differ, its pixels do not.
  void expect_as_encoded(ImageView image, const EncodeOptions& options) {
    const std::string what =
        std::string(name_of(options.format)) + " " + std::to_string(image.channels()) + " channels";
    write_rows(file_, image, options);
    const Bytes rows = read_file(file_);
    const Bytes whole = encode(image, options);
    if (options.format != Format::jpeg) {
      EXPECT_EQ(rows, whole) << what;
    } else {
      const Picture a = decode(rows, "rows");
      const Picture b = decode(whole, "whole");
      EXPECT_TRUE(same(a.image, b.image)) << what;
      EXPECT_EQ(a.metadata.exif, b.metadata.exif);
      EXPECT_EQ(a.metadata.xmp, b.metadata.xmp);
      EXPECT_EQ(a.metadata.icc, b.metadata.icc);
      EXPECT_EQ(a.metadata.pixels_per_mm, b.metadata.pixels_per_mm);
    }
  }

  // RowReader gives what decode() gives.
  void expect_as_decoded(const std::filesystem::path& path) {
    const Picture whole = decode(read_file(path), path.string());
    RowReader reader(path);
    ASSERT_EQ(reader.spec(), spec_of(whole.image)) << path;
    EXPECT_EQ(reader.format(), whole.format);
    EXPECT_TRUE(same(read_rows(reader), whole.image)) << path;
    EXPECT_EQ(reader.metadata().exif, whole.metadata.exif) << path;
    EXPECT_EQ(reader.metadata().xmp, whole.metadata.xmp) << path;
    EXPECT_EQ(reader.metadata().iptc, whole.metadata.iptc) << path;
    EXPECT_EQ(reader.metadata().icc, whole.metadata.icc) << path;
    EXPECT_EQ(reader.metadata().pixels_per_mm, whole.metadata.pixels_per_mm) << path;
    Image more({whole.image.width(), 1}, whole.image.channels(), whole.image.type());
    EXPECT_EQ(reader.read(more), 0) << path;
    EXPECT_TRUE(reader.read(5).empty()) << path;
  }

  const platform::TemporaryFolder folder_{"rows_test"};
  const std::filesystem::path file_ = folder_ / "picture.tmp";
};

TEST_F(RowFiles, WrittenAreWhatEncodeMakes) {
  for (const Format format : kAll) {
    if (!can_write(format)) continue;
    EncodeOptions options;
    options.format = format;
    for (const int channels : {1, 3, 4}) {
      if (channels == 4 && !holds_alpha(format)) continue;
      expect_as_encoded(make_picture(101, 67, channels), options);
      expect_as_encoded(make_picture<std::uint16_t>(61, 157, channels), options);
    }
  }
}

TEST_F(RowFiles, KeepMetadataAsEncodeDoes) {
  Metadata metadata;
  metadata.exif = make_exif(6, 4000, 3000);
  metadata.xmp = to_bytes("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>");
  metadata.icc = to_bytes("any profile becomes sRGB");
  metadata.pixels_per_mm = 10;
  for (const Format format : kAll) {
    if (!can_write(format)) continue;
    EncodeOptions options;
    options.format = format;
    options.metadata = &metadata;
    expect_as_encoded(make_picture(70, 50, 3), options);
  }
}

TEST_F(RowFiles, OptionsCountAsForEncode) {
  for (const Effort effort : {Effort::fast, Effort::small}) {
    EncodeOptions options;
    options.effort = effort;
    expect_as_encoded(make_picture(120, 90, 3), options);
  }
  for (const bool compressed : {false, true}) {
    EncodeOptions options;
    options.format = Format::tiff;
    options.compressed = compressed;
    expect_as_encoded(make_picture(120, 90, 3), options);
  }
  EncodeOptions options;
  options.format = Format::jpeg;
  options.quality = 30;
  expect_as_encoded(make_picture(120, 90, 3), options);
}

TEST_F(RowFiles, OfFloatsAndOfViewsAreRoundedAndPacked) {
  const Image deep = make_picture<std::uint16_t>(90, 140, 4);
  Image floats(deep.size(), 4, PixelType::f32);
  for (int y = 0; y < deep.height(); ++y) {
    for (int i = 0; i < deep.width() * 4; ++i) {
      floats.row<float>(y)[i] = static_cast<float>(deep.row<std::uint16_t>(y)[i]) / 65535.0F;
    }
  }
  for (const Format format : {Format::png, Format::bmp, Format::tiff}) {
    EncodeOptions options;
    options.format = format;
    expect_as_encoded(floats, options);
    expect_as_encoded(deep.view().crop({9, 5, 70, 130}), options);
  }
}

TEST_F(RowFiles, OfAnyShape) {
  for (const Size size : {Size{1, 1}, Size{1, 5000}, Size{20000, 1}, Size{17, 129}}) {
    for (const Format format : {Format::jpeg, Format::png, Format::tiff, Format::bmp}) {
      EncodeOptions options;
      options.format = format;
      expect_as_encoded(make_picture(size.width, size.height, 3), options);
      expect_as_decoded(file_);
    }
  }
}

TEST_F(RowFiles, WrittenAtOnce) {
  const Image image = make_picture(300, 400, 3);
  for (const Format format : {Format::jpeg, Format::png, Format::tiff, Format::bmp}) {
    EncodeOptions options;
    options.format = format;
    write_rows(file_, image, options, 400);
    expect_as_decoded(file_);
  }
}

TEST_F(RowFiles, ReadAreWhatDecodeGives) {
  for (const Format format : kAll) {
    if (!can_write(format)) continue;
    for (const int channels : {1, 3, 4}) {
      if (channels == 4 && !holds_alpha(format)) continue;
      write_file(file_, encode_as(make_picture(73, 91, channels), format));
      expect_as_decoded(file_);
      write_file(file_, encode_as(make_picture<std::uint16_t>(73, 91, channels), format));
      expect_as_decoded(file_);
      EXPECT_EQ(RowReader(file_).streams(), streams(format) && format != Format::bmp) << name_of(format);
    }
  }
}

TEST_F(RowFiles, AreTurnedUpright) {
  Bytes file = encode_as(make_picture(80, 50, 3), Format::png);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    Bytes turned = file;
    insert_png_chunk(turned, "eXIf", make_exif(orientation, 1, 1));
    write_file(file_, turned);
    expect_as_decoded(file_);
    EXPECT_EQ(RowReader(file_).streams(), orientation <= 2) << orientation;
  }
}

TEST_F(RowFiles, OfTheSamplesAreWhatDecodeGives) {
  PIXMILL_NEED_SAMPLES();
  for (const char* kind : {"exif", "formats"}) {
    for (const auto& entry : std::filesystem::directory_iterator(samples() / kind)) {
      if (entry.file_size() < 3'000'000) expect_as_decoded(entry.path());
    }
  }
}

// A file of libvips' own, with one more option of its writer.
Bytes save_with(const char* writer, const char* option) {
  const Image image = make_picture(160, 120, 3);
  VipsImage* picture =
      vips_image_new_from_memory(image.data(), image.bytes(), image.width(), image.height(), 3, VIPS_FORMAT_UCHAR);
  picture->Type = VIPS_INTERPRETATION_sRGB;
  VipsBlob* blob = nullptr;
  EXPECT_EQ(vips_call(writer, picture, &blob, option, TRUE, nullptr), 0);
  std::size_t bytes = 0;
  const auto* data = static_cast<const std::byte*>(vips_blob_get(blob, &bytes));
  Bytes file(data, data + bytes);
  vips_area_unref(VIPS_AREA(blob));
  g_object_unref(picture);
  return file;
}

TEST_F(RowFiles, OfPicturesInPassesAreHeldAndSaidToBe) {
  RowReadOptions options;
  options.max_held_pixels = 160 * 120 - 1;
  for (const char* writer : {"jpegsave_buffer", "pngsave_buffer"}) {
    const Bytes file = save_with(writer, "interlace");
    EXPECT_TRUE(read_header(file, "x").in_passes) << writer;
    write_file(file_, file);
    expect_as_decoded(file_);
    EXPECT_FALSE(RowReader(file_).streams()) << writer;
    const auto error = thrown_by([&] { RowReader(file_, options); });
    ASSERT_TRUE(error) << writer;
    EXPECT_EQ(error->code(), ErrorCode::too_large);
  }
  write_file(file_, encode_as(make_picture(160, 120, 3), Format::jpeg));
  EXPECT_FALSE(read_header(read_file(file_), "x").in_passes);
  EXPECT_TRUE(RowReader(file_, options).streams()) << "the limit is not for what is read in rows";
}

TEST_F(RowFiles, OfTilesAreRead) {
  write_file(file_, save_with("tiffsave_buffer", "tile"));
  expect_as_decoded(file_);
  EXPECT_TRUE(RowReader(file_).streams());
}

TEST_F(RowFiles, OfATiffAboveFourGigabytesAreThoseOfABigTiff) {
  EncodeOptions options;
  options.format = Format::tiff;
  const auto head_of = [&](int height) {
    RowWriter writer(file_, options, {{20000, height}, 3, PixelType::u8});
    Image strip({20000, 256}, 3);
    std::memset(strip.data(), 7, strip.bytes());
    for (int i = 0; i < 4; ++i) writer.write(strip);
    return read_file(file_).at(2);
  };
  EXPECT_EQ(head_of(66'000), std::byte{'*'});
  EXPECT_EQ(head_of(100'000), std::byte{'+'});
}

// Rows of a constant colour, so that the codecs are quick.
void write_plain(const std::filesystem::path& path, Format format, Size size) {
  EncodeOptions options;
  options.format = format;
  RowWriter writer(path, options, {size, 3, PixelType::u8});
  Image strip({size.width, 100}, 3);
  std::memset(strip.data(), 90, strip.bytes());
  for (int y = 0; y < size.height; y += 100) writer.write(strip);
  writer.finish();
}

std::int64_t read_all(const std::filesystem::path& path) {
  RowReader reader(path);
  EXPECT_TRUE(reader.streams());
  Image strip({reader.spec().size.width, 100}, 3);
  std::int64_t rows = 0;
  while (const int count = reader.read(strip)) rows += count;
  return rows;
}

void expect_in_memory(const std::filesystem::path& path, Size size, std::int64_t most) {
  for (const Format format : {Format::jpeg, Format::png, Format::tiff}) {
    EXPECT_LT(growth([&] { write_plain(path, format, size); }), most) << name_of(format);
    EXPECT_LT(growth([&] { EXPECT_EQ(read_all(path), size.height); }), most) << name_of(format);
  }
}

TEST_F(RowFiles, NeedMemoryForAFewOnly) {
  PIXMILL_NEED_PLAIN_MEMORY();
  expect_in_memory(file_, {3000, 15'000}, 30'000'000);  // of 135 MB of pixels
}

// A minute; with PIXMILL_SLOW_TESTS set.
TEST_F(RowFiles, OfNineHundredMegapixelsNeedLessThan300Megabytes) {
  if (std::getenv("PIXMILL_SLOW_TESTS") == nullptr) GTEST_SKIP() << "PIXMILL_SLOW_TESTS is not set";
  expect_in_memory(file_, {30'000, 30'000}, 300'000'000);
}

}  // namespace
}  // namespace pixmill::codecs::test
