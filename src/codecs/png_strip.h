// The pixels of a PNG file, in strips of rows that are filtered and compressed on their own and then stand one behind
// the other in one stream of zlib.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pixmill/codecs/codec.h"
#include "pixmill/core/image.h"

namespace pixmill::codecs {

// Adler-32 (RFC 1950) of so many bytes.
struct Adler {
  std::uint32_t sum = 1;
  std::uint64_t bytes = 0;

  void append(const Adler& behind);
};

struct PngStrip {
  std::vector<std::byte> chunk;  // IDAT
  Adler adler;                   // of the filtered rows
};

// Rows of a strip in a picture of such pixels.
int png_strip_rows(int width, int channels, PixelType type, Effort effort);

// The strip of the rows [from, to) of `image`, u8 or u16. Row `from` - 1 is that above them; where there is none, this
// is the first strip of the picture.
PngStrip make_png_strip(ImageView image, int from, int to, Effort effort);

// The end of the stream, and of the file.
std::vector<std::byte> png_end(const Adler& all);

}  // namespace pixmill::codecs
