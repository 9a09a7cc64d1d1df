// Pictures through files, row by row, for the tests.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "codecs/test_pictures.h"
#include "pixmill/codecs/rows.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/memory.h"

namespace pixmill::codecs::test {

inline void write_file(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

inline RowSpec spec_of(ImageView image) {
  return {image.size(), image.channels(), image.type()};
}

// The next `rows` rows of `image` behind those that the writer has.
inline void write_some(RowWriter& writer, ImageView image, int rows) {
  writer.write(image.crop({0, writer.next_row(), image.width(), rows}));
}

// Writes `image` in strips of `rows` rows and one more each time.
inline void write_rows(const std::filesystem::path& path, ImageView image, const EncodeOptions& options, int rows = 1) {
  RowWriter writer(path, options, spec_of(image));
  while (writer.next_row() < image.height()) {
    write_some(writer, image, std::min(rows++, image.height() - writer.next_row()));
  }
  writer.finish();
}

// All rows of the file, read in strips of `rows` rows and one more each time.
inline Image read_rows(RowReader& reader, int rows = 1) {
  Image image(reader.spec().size, reader.spec().channels, reader.spec().type);
  for (int y = 0; y < image.height();) {
    Image strip({image.width(), rows++}, image.channels(), image.type());
    const int count = reader.read(strip);
    if (count <= 0 || y + count > image.height()) throw Error(ErrorCode::internal, "the rows do not add up");
    std::memcpy(image.data() + static_cast<std::size_t>(y) * image.stride(), strip.data(),
                image.stride() * static_cast<std::size_t>(count));
    y += count;
  }
  return image;
}

inline bool same(ImageView a, ImageView b) {
  if (!(spec_of(a) == spec_of(b))) return false;
  const std::size_t bytes = static_cast<std::size_t>(a.width()) * a.channels() * bytes_of(a.type());
  for (int y = 0; y < a.height(); ++y) {
    if (std::memcmp(a.row_bytes(y), b.row_bytes(y), bytes) != 0) return false;
  }
  return true;
}

// The error that `action` throws; empty where it throws none.
template <typename Action>
std::optional<Error> thrown_by(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

// Bytes by which resident memory grows while `action` runs, at the highest moment.
template <typename Action>
std::int64_t growth(const Action& action) {
  ::malloc_trim(0);
  const platform::PeakMeter meter;
  action();
  return meter.bytes();
}

// Where sanitizers need memory of their own, what a call takes cannot be seen.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PIXMILL_NEED_PLAIN_MEMORY() GTEST_SKIP() << "sanitizers need memory of their own"
#else
#define PIXMILL_NEED_PLAIN_MEMORY() static_cast<void>(0)
#endif

}  // namespace pixmill::codecs::test
