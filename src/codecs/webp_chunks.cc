#include "codecs/webp_chunks.h"

#include <cstdint>
#include <cstring>

namespace pixmill::codecs {
namespace {

constexpr std::size_t kRiffHeaderBytes = 12;
constexpr std::size_t kChunkHeaderBytes = 8;
constexpr std::byte kExifFlag{0x08};  // in the first byte of VP8X

std::size_t length_at(const std::vector<std::byte>& file, std::size_t offset) {
  std::size_t result = 0;
  for (std::size_t i = 0; i < 4; ++i) result |= std::to_integer<std::size_t>(file[offset + i]) << 8 * i;
  return result;
}

bool is_type(const std::vector<std::byte>& file, std::size_t offset, const char* type) {
  return std::memcmp(file.data() + offset, type, 4) == 0;
}

}  // namespace

void drop_webp_exif(std::vector<std::byte>& file) {
  std::size_t at = kRiffHeaderBytes;
  while (at + kChunkHeaderBytes <= file.size()) {
    const std::size_t content = length_at(file, at + 4);
    const std::size_t chunk = kChunkHeaderBytes + content + content % 2;
    if (chunk > file.size() - at) return;
    if (is_type(file, at, "VP8X")) file[at + kChunkHeaderBytes] &= ~kExifFlag;
    if (is_type(file, at, "EXIF")) {
      const auto start = file.begin() + static_cast<std::ptrdiff_t>(at);
      file.erase(start, start + static_cast<std::ptrdiff_t>(chunk));
      const std::size_t riff = file.size() - 8;
      for (std::size_t i = 0; i < 4; ++i) file[4 + i] = static_cast<std::byte>(riff >> 8 * i);
      continue;
    }
    at += chunk;
  }
}

}  // namespace pixmill::codecs
