// Any bytes: a picture or an Error, nothing else. 64 kilopixels keep one run short.
#include <cstddef>
#include <cstdint>
#include <span>

#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> file(reinterpret_cast<const std::byte*>(data), size);
  pixmill::codecs::DecodeOptions options;
  options.max_pixels = 65536;
  try {
    static_cast<void>(pixmill::codecs::read_header(file, "fuzz"));
    static_cast<void>(pixmill::codecs::decode(file, "fuzz", options));
  } catch (const pixmill::Error&) {  // the error for a file that is not a picture
  }
  return 0;
}
