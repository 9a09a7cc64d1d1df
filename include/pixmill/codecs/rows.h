// Pictures larger than memory: read and written a few rows at a time, top row first. libvips stays behind this header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "pixmill/codecs/codec.h"
#include "pixmill/core/image.h"

namespace pixmill::codecs {

// What the rows of one picture are like. 1, 3 or 4 channels, as Image has them.
struct RowSpec {
  Size size;  // upright, of the whole picture
  int channels = 3;
  PixelType type = PixelType::u8;

  bool operator==(const RowSpec&) const = default;
};

// True where a RowWriter holds a few rows and no more: jpeg, png, tiff, bmp. 30,000 x 30,000 RGB pixels were written at
// 58, 57, 75 MB of resident memory for the whole process, and read again at 85, 84, 89 MB. The encoders of the others
// need the whole picture, so their RowWriter keeps it until finish(); what that costs says encode_bytes().
// RowReader::streams() tells the same of one file.
bool streams(Format format);

struct RowReadOptions {
  std::int64_t max_pixels = 0;                 // refuse larger pictures; 0: no limit
  std::int64_t max_held_pixels = 268'435'456;  // the same for those that cannot be read row by row; 0: no limit
  bool metadata = true;                        // fill metadata()
};

// A picture file, read from top to bottom on demand: the pixels and metadata that decode() gives. Move-only. Not
// synchronised: one call at a time, from any thread.
class RowReader {
 public:
  // Reads the header. `name` stands in error messages; empty: the path. Throws Error: not_found, unreadable,
  // unsupported, corrupt, too_large.
  explicit RowReader(const std::filesystem::path& path, const RowReadOptions& options = {}, std::string_view name = {});
  RowReader(RowReader&&) noexcept;
  RowReader& operator=(RowReader&&) noexcept;
  ~RowReader();

  const RowSpec& spec() const;  // u8, or u16 where the file has more than 8 bits
  Format format() const;
  const Metadata& metadata() const;

  // True where memory is needed for a few rows only. Not so for pictures that the file turns (orientation 3..8),
  // progressive JPEG, interlaced PNG, and the formats that streams() excludes, bmp too. A TIFF needs memory for one of
  // its own strips, whatever their height.
  bool streams() const;

  int next_row() const;  // rows that were read so far; the height at the end

  // Fills the upper rows of `strip`, which has the width, channels and type of spec(), with the next rows of the
  // picture: as many as it has rows, fewer at the picture's end. Returns how many; 0: the picture was read.
  // Throws Error{corrupt, unreadable, out_of_memory}; afterwards nothing more can be read.
  int read(Image& strip);
  // The next `rows` rows, fewer at the end; an empty Image when all were read.
  Image read(int rows);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A picture file, written from top to bottom. What is in the file is what encode() makes of the whole picture: the same
// pixels and metadata, but JPEG with fixed Huffman tables, a few per cent larger. Move-only. Not synchronised: one call
// at a time, from any thread; encoding runs in a thread of the writer's own beside the caller, a few rows behind.
class RowWriter {
 public:
  // Creates `path`, or empties it; the format is that of `options`, whatever the name. `name` stands in error messages;
  // empty: the path. options.metadata is needed only during this call. Throws Error: unsupported (check_limits(), no
  // such encoder), unwritable (the path), disk_full, out_of_memory (where the whole picture is kept).
  RowWriter(const std::filesystem::path& path, const EncodeOptions& options, const RowSpec& spec,
            std::string_view name = {});
  RowWriter(RowWriter&&) noexcept;
  RowWriter& operator=(RowWriter&&) noexcept;
  // Without finish() the file is removed.
  ~RowWriter();

  const RowSpec& spec() const;
  int next_row() const;  // rows that were written so far

  // The next rows: any number of them, of the width, channels and type of spec(). They are copied; waits while the
  // encoder is behind. Throws Error: disk_full, unwritable, internal (another shape, more rows than the picture has,
  // the encoder). After an error the writer can only be destroyed.
  void write(ImageView rows);

  // Completes and closes the file, once. The bytes are with the operating system then; to make them durable is the
  // caller's work. Throws as write(), and Error{internal} when rows are missing.
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pixmill::codecs
