// Any bytes: a picture or an Error, nothing else; and the same picture with its metadata and without, where another
// reader may be taken. 64 kilopixels keep one run short.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

namespace {

using pixmill::codecs::Picture;

std::optional<Picture> read(std::span<const std::byte> file, bool metadata) {
  try {
    return pixmill::codecs::decode(file, "fuzz", {.max_pixels = 65536, .metadata = metadata});
  } catch (const pixmill::Error&) {  // the error for a file that is not a picture
    return std::nullopt;
  }
}

bool same(const Picture& a, const Picture& b) {
  return a.full == b.full && a.image.size() == b.image.size() && a.image.channels() == b.image.channels() &&
         a.image.type() == b.image.type() && std::memcmp(a.image.data(), b.image.data(), a.image.bytes()) == 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> file(reinterpret_cast<const std::byte*>(data), size);
  try {
    static_cast<void>(pixmill::codecs::read_header(file, "fuzz"));
  } catch (const pixmill::Error&) {  // as above
  }
  const std::optional<Picture> whole = read(file, true), plain = read(file, false);
  if (whole.has_value() != plain.has_value() || (whole && !same(*whole, *plain))) __builtin_trap();
  return 0;
}
