// What decoding and encoding cost in memory.
#include <cstddef>
#include <cstdint>

#include "pixmill/codecs/codec.h"

namespace pixmill::codecs {

std::size_t decode_bytes(const Header& header) {
  return static_cast<std::size_t>(header.size.area()) * header.channels * (header.bits > 8 ? 2 : 1);
}

std::size_t encode_bytes(Format, Size size, int channels, PixelType type) {
  return static_cast<std::size_t>(size.area()) * channels * bytes_of(type);
}

}  // namespace pixmill::codecs
