#include "codecs/png_chunks.h"

#include <libdeflate.h>

#include <cstdint>
#include <cstring>

namespace pixmill::codecs {
namespace {

constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kFrameBytes = 12;  // length, type, checksum
constexpr std::size_t kContentBegin = 8;
constexpr unsigned kGray = 0, kColour = 2, kAlpha = 4;
static_assert(kPngHeaderEnd == kSignatureBytes + kFrameBytes + 13);

std::uint32_t number(std::span<const std::byte> file, std::size_t offset) {
  std::uint32_t result = 0;
  for (std::size_t i = 0; i < 4; ++i) result = result << 8 | std::to_integer<std::uint32_t>(file[offset + i]);
  return result;
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

void append_png_number(std::vector<std::byte>& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(value >> shift));
}

void begin_png_chunk(std::string_view type, std::vector<std::byte>& chunk) {
  append_png_number(chunk, 0);  // its length, which is not known yet
  for (const char letter : type) chunk.push_back(static_cast<std::byte>(letter));
}

void end_png_chunk(std::vector<std::byte>& chunk) {
  const std::size_t content = chunk.size() - kContentBegin;
  for (std::size_t i = 0; i < 4; ++i) chunk[i] = static_cast<std::byte>(content >> (24 - 8 * i));
  append_png_number(chunk, libdeflate_crc32(0, chunk.data() + 4, chunk.size() - 4));
}

std::vector<std::byte> make_png_chunk(std::string_view type, std::span<const std::byte> content) {
  std::vector<std::byte> chunk;
  chunk.reserve(kFrameBytes + content.size());
  begin_png_chunk(type, chunk);
  chunk.insert(chunk.end(), content.begin(), content.end());
  end_png_chunk(chunk);
  return chunk;
}

std::vector<std::byte> png_signature_and_header(Size size, int channels, PixelType type) {
  std::vector<std::byte> data;
  append_png_number(data, static_cast<std::uint32_t>(size.width));
  append_png_number(data, static_cast<std::uint32_t>(size.height));
  data.push_back(static_cast<std::byte>(8 * bytes_of(type)));
  data.push_back(static_cast<std::byte>(channels == 1 ? kGray : channels == 3 ? kColour : kColour | kAlpha));
  data.resize(data.size() + 3);  // deflate, filters by row, not interlaced: all 0
  constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
  const auto signature = std::as_bytes(std::span(kSignature));
  std::vector<std::byte> file(signature.begin(), signature.end());
  const std::vector<std::byte> chunk = make_png_chunk("IHDR", data);
  file.insert(file.end(), chunk.begin(), chunk.end());
  return file;
}

void insert_png_chunk(std::vector<std::byte>& file, std::string_view type, std::span<const std::byte> content) {
  const std::vector<std::byte> chunk = make_png_chunk(type, content);
  file.insert(file.begin() + kPngHeaderEnd, chunk.begin(), chunk.end());
}

}  // namespace pixmill::codecs
