// What is in the file of a mask.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "pixmill/core/image.h"

namespace pixmill::measure {

struct MaskFile {
  std::string trouble = {};  // why it, or its photograph, cannot be read
  Size photograph, stored;   // as the files have them
  int orientation = 1;       // of the photograph, 1..8 as EXIF counts
  int channels = 1, bits = 8;
  std::int64_t black = 0;    // pixels that are 0
  std::int64_t between = 0;  // pixels that are neither black nor white
};

MaskFile read_mask(const std::filesystem::path& photograph, const std::filesystem::path& mask);

}  // namespace pixmill::measure
