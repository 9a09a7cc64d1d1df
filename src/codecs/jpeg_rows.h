// Baseline JPEG by libjpeg-turbo itself: the pixels that libvips gives, at a quarter of the time for small pictures.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "codecs/upright.h"
#include "pixmill/core/image.h"

namespace pixmill::codecs {

// The size of a JPEG that is decoded at 1/`reduction`: both sides divided, rounded up.
Size reduced(Size stored, int reduction);

struct JpegHead {
  Size size;  // as stored
  int bands = 0;
  int orientation = 1;  // by EXIF
  bool in_passes = false;
};

// The head of a file whose rows are gray or sRGB as they stand: 8 bits, 1 or 3 components, no profile. None where it is
// of another kind or anything is odd about it, a warning included: libvips' reader has the word.
std::optional<JpegHead> read_jpeg_head(std::span<const std::byte> file);

// Decodes a file of that size and 1 or 3 `bands` (gray, RGB) at 1/`reduction` (1, 2, 4, 8) of its size; `writer` takes
// rows of reduced(stored, reduction). False where the file is of another kind (progressive, arithmetic coding, several
// scans, four components) or anything is odd about it, a warning included: what was written until then is of no use,
// and libvips' reader has the word.
bool read_jpeg_rows(std::span<const std::byte> file, Size stored, int bands, int reduction, UprightWriter& writer);

}  // namespace pixmill::codecs
