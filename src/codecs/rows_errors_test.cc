// What can go wrong row by row: every error names the file, and nothing half-done stays behind.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <future>
#include <utility>

#include "codecs/test_rows.h"

namespace pixmill::codecs::test {
namespace {

namespace fs = std::filesystem;

constexpr Format kWritten[] = {Format::jpeg, Format::png, Format::tiff, Format::bmp, Format::webp};

class RowErrors : public ::testing::Test {
 protected:
  static EncodeOptions as(Format format) {
    EncodeOptions options;
    options.format = format;
    return options;
  }

  const platform::TemporaryFolder folder_{"row_errors_test"};
  const fs::path file_ = folder_ / "given.tmp";
};

TEST_F(RowErrors, TruncatedFilesEndInTheMiddle) {
  const Image image = make_picture(400, 300, 3);
  for (const Format format : {Format::jpeg, Format::png, Format::tiff}) {
    Bytes file = encode_as(image, format, 95);
    const Image right = decode(file, "x").image;
    file.resize(file.size() * 6 / 10);
    write_file(file_, file);
    int rows = 0;
    const auto error = thrown_by([&] {
      RowReader reader(file_, {}, "shown.name");
      Image strip({400, 10}, 3);
      while (const int count = reader.read(strip)) {
        EXPECT_TRUE(same(strip, right.view().crop({0, rows, 400, count}))) << name_of(format) << " row " << rows;
        rows += count;
        EXPECT_EQ(reader.next_row(), rows);
      }
    });
    ASSERT_TRUE(error) << name_of(format) << " was read to the end in silence";
    EXPECT_EQ(error->code(), ErrorCode::corrupt) << error->message();
    EXPECT_TRUE(contains(error->message(), "shown.name")) << error->message();
    EXPECT_FALSE(error->hint().empty());
    const int least = format == Format::tiff ? 0 : 50;  // a TIFF's directory is at its end
    EXPECT_GE(rows, least) << name_of(format) << " gave none of the rows that are there";
    EXPECT_LT(rows, 300);
  }
}

TEST_F(RowErrors, AReaderThatFailedStaysFailed) {
  Bytes file = encode_as(make_picture(400, 300, 3), Format::png, 95);
  file.resize(file.size() / 2);
  write_file(file_, file);
  RowReader reader(file_);
  Image strip({400, 300}, 3);
  EXPECT_TRUE(thrown_by([&] { reader.read(strip); }));
  const auto error = thrown_by([&] { reader.read(strip); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::internal);
}

TEST_F(RowErrors, EveryBrokenSampleIsAnErrorThatNamesIt) {
  PIXMILL_NEED_SAMPLES();
  for (const auto& entry : fs::directory_iterator(samples() / "broken")) {
    const auto error = thrown_by([&] {
      RowReader reader(entry.path());
      read_rows(reader);
    });
    ASSERT_TRUE(error) << entry.path();
    EXPECT_TRUE(error->code() == ErrorCode::corrupt || error->code() == ErrorCode::unsupported) << error->message();
    EXPECT_TRUE(contains(error->message(), entry.path().filename().string())) << error->message();
  }
}

TEST_F(RowErrors, StrayBytesOfAJpegCostNoRow) {
  Bytes file = encode_as(make_picture(64, 400, 3), Format::jpeg);
  const Picture right = decode(file, "x");
  const Bytes stray = to_bytes("abc");
  file.insert(file.end() - 2, stray.begin(), stray.end());  // before the end marker
  write_file(file_, file);
  RowReader reader(file_);
  EXPECT_TRUE(same(read_rows(reader), right.image));
}

TEST_F(RowErrors, WhatIsNoFileOrNoPictureIsRefused) {
  const auto code_of = [&](const fs::path& path) {
    const auto error = thrown_by([&] { RowReader reader(path); });
    EXPECT_TRUE(error && contains(error->message(), path.string()));
    return error ? error->code() : ErrorCode::internal;
  };
  EXPECT_EQ(code_of(folder_ / "absent.png"), ErrorCode::not_found);
  EXPECT_EQ(code_of(folder_.path()), ErrorCode::unreadable);
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(code_of(folder_ / "pipe"), ErrorCode::unsupported);
  write_file(folder_ / "text.jpg", to_bytes("not a picture at all"));
  EXPECT_EQ(code_of(folder_ / "text.jpg"), ErrorCode::unsupported);
  write_file(folder_ / "empty.jpg", {});
  EXPECT_EQ(code_of(folder_ / "empty.jpg"), ErrorCode::corrupt);
}

TEST_F(RowErrors, TheLimitIsTheCallers) {
  write_file(file_, encode_as(make_picture(10, 10, 3), Format::png));
  RowReadOptions options;
  options.max_pixels = 99;
  const auto error = thrown_by([&] { RowReader reader(file_, options); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::too_large);
  options.max_pixels = 100;
  EXPECT_FALSE(thrown_by([&] { RowReader reader(file_, options); }));
}

TEST_F(RowErrors, AStripOfAnotherShapeIsRefused) {
  write_file(file_, encode_as(make_picture(10, 10, 3), Format::png));
  RowReader reader(file_);
  for (const RowSpec& spec :
       {RowSpec{{9, 1}, 3, PixelType::u8}, RowSpec{{10, 1}, 4, PixelType::u8}, RowSpec{{10, 1}, 3, PixelType::u16}}) {
    Image strip(spec.size, spec.channels, spec.type);
    EXPECT_TRUE(thrown_by([&] { reader.read(strip); }));
  }
  EXPECT_EQ(reader.read(10).height(), 10) << "a refused strip costs no row";
}

TEST_F(RowErrors, AFullDiskIsSaidAndTheDeviceStays) {
  const Image image = make_picture(3000, 200, 3);
  for (const Format format : kWritten) {
    if (!can_write(format)) continue;
    const auto error = thrown_by([&] {
      RowWriter writer("/dev/full", as(format), spec_of(image), "out/shown.name");
      for (int i = 0; i < 10; ++i) write_some(writer, image, 20);
      writer.finish();
    });
    ASSERT_TRUE(error) << name_of(format);
    EXPECT_EQ(error->code(), ErrorCode::disk_full) << error->message();
    EXPECT_TRUE(contains(error->message(), "out/shown.name")) << error->message();
    EXPECT_FALSE(error->hint().empty());
    EXPECT_TRUE(fs::exists("/dev/full"));
  }
}

TEST_F(RowErrors, ADiskThatFillsUpInTheMiddleLeavesNothing) {
  const Image image = make_noise({1000, 300}, 3);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100'000, old.rlim_max};
  for (const Format format : kWritten) {
    if (!can_write(format)) continue;
    EncodeOptions options = as(format);
    options.compressed = false;
    options.quality = 100;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto error = thrown_by([&] { write_rows(file_, image, options, 20); });
    ::setrlimit(RLIMIT_FSIZE, &old);
    if (format == Format::webp && !error) continue;  // small enough
    ASSERT_TRUE(error) << name_of(format);
    EXPECT_EQ(error->code(), ErrorCode::unwritable) << error->message();
    EXPECT_TRUE(contains(error->message(), file_.string())) << error->message();
    EXPECT_FALSE(fs::exists(file_)) << name_of(format);
  }
  std::signal(SIGXFSZ, handler);
}

TEST_F(RowErrors, AFolderThatIsNotThereIsSaid) {
  const auto error = thrown_by([&] { RowWriter writer(folder_ / "absent/x.png", {}, {{8, 8}}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::unwritable);
  EXPECT_TRUE(contains(error->message(), "absent/x.png"));
}

TEST_F(RowErrors, TooFewRowsLeaveNothing) {
  const Image image = make_picture(500, 100, 3);
  for (const Format format : kWritten) {
    if (!can_write(format)) continue;
    for (const int rows : {0, 1, 60, 99}) {
      {
        RowWriter writer(file_, as(format), spec_of(image));
        if (rows > 0) write_some(writer, image, rows);
        const auto error = thrown_by([&] { writer.finish(); });
        ASSERT_TRUE(error) << name_of(format) << " " << rows;
        EXPECT_EQ(error->code(), ErrorCode::internal);
        EXPECT_TRUE(contains(error->message(), file_.string()));
      }
      EXPECT_FALSE(fs::exists(file_)) << name_of(format) << " " << rows;
    }
  }
}

TEST_F(RowErrors, TooManyRowsAndOtherShapesAreRefused) {
  const Image image = make_picture(50, 40, 3);
  RowWriter writer(file_, as(Format::png), {{50, 30}, 3, PixelType::u8});
  EXPECT_TRUE(thrown_by([&] { writer.write(image); }));
  EXPECT_TRUE(thrown_by([&] { writer.write(make_picture(49, 1, 3)); }));
  EXPECT_TRUE(thrown_by([&] { writer.write(make_picture(50, 1, 4)); }));
  EXPECT_TRUE(thrown_by([&] { writer.write(make_picture<std::uint16_t>(50, 1, 3)); }));
  EXPECT_EQ(writer.next_row(), 0);
  write_some(writer, image, 30);
  EXPECT_TRUE(thrown_by([&] { writer.write(image.view().crop({0, 0, 50, 1})); }));
  writer.finish();
  EXPECT_TRUE(thrown_by([&] { writer.finish(); })) << "finished twice";
  EXPECT_TRUE(same(decode(read_file(file_), "x").image, image.view().crop({0, 0, 50, 30})));
}

TEST_F(RowErrors, AFinishedFileStaysWithItsWriterGone) {
  const Image image = make_picture(50, 40, 3);
  {
    RowWriter first(file_, as(Format::jpeg), spec_of(image));
    write_some(first, image, 15);
    RowWriter second = std::move(first);
    write_some(second, image, 25);
    second.finish();
  }
  EXPECT_TRUE(fs::exists(file_));
}

TEST_F(RowErrors, OtherPicturesFailAndSucceedWhileAWriterIsOpen) {
  const Image image = make_picture(200, 100, 3);
  Bytes bad = encode_as(image, Format::jpeg);
  bad.resize(bad.size() / 2);
  const Bytes good = encode_as(image, Format::png);
  RowWriter writer(file_, as(Format::tiff), spec_of(image));
  write_some(writer, image, 50);
  // A failed decoding is repeated with nothing else in libvips: it must not wait for the writer.
  EXPECT_TRUE(error_of(bad));
  std::future<bool> elsewhere = std::async(std::launch::async, [&] { return error_of(bad).has_value(); });
  EXPECT_TRUE(elsewhere.get());
  EXPECT_TRUE(same(decode(good, "x").image, image));
  write_some(writer, image, 50);
  writer.finish();
  EXPECT_TRUE(same(decode(read_file(file_), "x").image, image));
}

TEST_F(RowErrors, ManyWritersAndReadersAtOnce) {
  const Image image = make_picture(300, 200, 3);
  std::vector<std::future<bool>> results;
  for (int i = 0; i < 8; ++i) {
    results.push_back(std::async(std::launch::async, [&, i] {
      const fs::path path = folder_ / ("many" + std::to_string(i));
      const Format format = i % 2 == 0 ? Format::png : Format::tiff;
      if (i % 4 == 3) {  // broken off
        RowWriter writer(path, as(format), spec_of(image));
        write_some(writer, image, 17 * i);
        return true;
      }
      write_rows(path, image, as(format), 1 + i);
      RowReader reader(path);
      return same(read_rows(reader, 3), image);
    }));
  }
  for (auto& result : results) EXPECT_TRUE(result.get());
}

}  // namespace
}  // namespace pixmill::codecs::test
