#include "codecs/png_chunks.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace pixmill::codecs {
namespace {

constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kFrameBytes = 12;  // length, type, checksum
static_assert(kPngHeaderEnd == kSignatureBytes + kFrameBytes + 13);

std::uint32_t number(std::span<const std::byte> file, std::size_t offset) {
  std::uint32_t result = 0;
  for (std::size_t i = 0; i < 4; ++i) result = result << 8 | std::to_integer<std::uint32_t>(file[offset + i]);
  return result;
}

void append_number(std::vector<std::byte>& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(value >> shift));
}

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? 0xedb88320U ^ value >> 1 : value >> 1;
    table[i] = value;
  }
  return table;
}

std::uint32_t crc_of(std::span<const std::byte> bytes) {
  static constexpr auto kTable = make_crc_table();
  std::uint32_t crc = 0xffffffffU;
  for (const std::byte byte : bytes) crc = kTable[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xff] ^ crc >> 8;
  return ~crc;
}

}  // namespace

std::span<const std::byte> find_png_chunk(std::span<const std::byte> file, std::string_view type) {
  std::size_t at = kSignatureBytes;
  while (at + kFrameBytes <= file.size()) {
    const std::size_t bytes = number(file, at);
    if (bytes > file.size() - at - kFrameBytes) break;
    if (std::memcmp(file.data() + at + 4, type.data(), 4) == 0) return file.subspan(at + 8, bytes);
    at += kFrameBytes + bytes;
  }
  return {};
}

std::vector<std::byte> make_png_chunk(std::string_view type, std::span<const std::byte> content) {
  std::vector<std::byte> chunk;
  append_number(chunk, static_cast<std::uint32_t>(content.size()));
  for (const char letter : type) chunk.push_back(static_cast<std::byte>(letter));
  chunk.insert(chunk.end(), content.begin(), content.end());
  append_number(chunk, crc_of(std::span(chunk).subspan(4)));
  return chunk;
}

void insert_png_chunk(std::vector<std::byte>& file, std::string_view type, std::span<const std::byte> content) {
  const std::vector<std::byte> chunk = make_png_chunk(type, content);
  file.insert(file.begin() + kPngHeaderEnd, chunk.begin(), chunk.end());
}

}  // namespace pixmill::codecs
