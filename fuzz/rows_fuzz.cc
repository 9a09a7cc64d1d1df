// Any bytes as a file: rows or an Error, nothing else; and the pixels that decode() makes of the same bytes, where both
// read them. 64 kilopixels keep one run short.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <string>

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/rows.h"
#include "pixmill/core/error.h"

namespace {

using pixmill::Image;

constexpr std::int64_t kMaxPixels = 65536;

std::optional<Image> read_whole(std::span<const std::byte> file) {
  pixmill::codecs::DecodeOptions options;
  options.max_pixels = kMaxPixels;
  try {
    return pixmill::codecs::decode(file, "fuzz", options).image;
  } catch (const pixmill::Error&) {
    return std::nullopt;
  }
}

std::optional<Image> read_rows(const std::string& path, int rows) {
  pixmill::codecs::RowReadOptions options;
  options.max_pixels = kMaxPixels;
  try {
    pixmill::codecs::RowReader reader(path, options, "fuzz");
    Image image(reader.spec().size, reader.spec().channels, reader.spec().type);
    for (std::byte* to = image.data(); reader.next_row() < image.height();) {
      const Image strip = reader.read(rows);
      std::memcpy(to, strip.data(), strip.bytes());
      to += strip.bytes();
    }
    return image;
  } catch (const pixmill::Error&) {
    return std::nullopt;
  }
}

bool same(const Image& a, const Image& b) {
  return a.size() == b.size() && a.channels() == b.channels() && a.type() == b.type() &&
         std::memcmp(a.data(), b.data(), a.bytes()) == 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) return 0;
  const auto whole = read_whole({reinterpret_cast<const std::byte*>(data), size});
  const auto rows = read_rows("/proc/self/fd/" + std::to_string(file), 1 + static_cast<int>(size % 7));
  if (whole && rows && !same(*whole, *rows)) std::abort();
  return 0;
}
