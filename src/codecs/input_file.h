// A picture's file that is read piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/descriptor.h"

namespace pixmill::codecs {

// Opens a file, or standard input for "-", and refuses folders, pipes and devices. Throws Error: not_found, unreadable,
// unsupported.
platform::Descriptor open_picture(const std::filesystem::path& path);

// A regular file that may be larger than memory. Not synchronised. Move-only.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);  // throws as open_picture(); standard input is refused

  std::int64_t size() const { return size_; }

  // Bytes read from `offset` on: fewer at the end; -1: failed, see failure().
  std::ptrdiff_t read_at(std::int64_t offset, std::span<std::byte> buffer) const noexcept;
  std::vector<std::byte> bytes_at(std::int64_t offset, std::size_t count) const;  // fewer at the end, or on failure

  int failure() const { return failure_; }  // errno of the last read that failed; 0: none

 private:
  platform::Descriptor file_;
  std::int64_t size_ = 0;
  mutable int failure_ = 0;
};

// What the readers of metadata look for in a whole file, without the rest: the EXIF chunk of a PNG, header and first
// directory of a classic TIFF, nothing in other formats.
std::vector<std::byte> without_pixels(const InputFile& file, Format format);

}  // namespace pixmill::codecs
