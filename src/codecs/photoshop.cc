#include "codecs/photoshop.h"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace pixmill::codecs {
namespace {

using namespace std::literals;

constexpr std::string_view kSignature = "Photoshop 3.0\0"sv;
constexpr std::string_view kResource = "8BIM"sv;
constexpr std::uint32_t kIptcResource = 0x0404;

bool begins_with(std::span<const std::byte> bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

std::uint32_t number(std::span<const std::byte> bytes) {
  std::uint32_t result = 0;
  for (const std::byte byte : bytes) result = result << 8 | std::to_integer<std::uint32_t>(byte);
  return result;
}

std::size_t even(std::size_t bytes) {
  return bytes + bytes % 2;
}

}  // namespace

std::span<const std::byte> unwrap_iptc(std::span<const std::byte> block) {
  if (!begins_with(block, kSignature)) return block;
  block = block.subspan(kSignature.size());
  while (begins_with(block, kResource) && block.size() >= 12) {
    const std::uint32_t id = number(block.subspan(4, 2));
    const std::size_t name_bytes = even(1 + std::to_integer<std::size_t>(block[6]));
    if (block.size() < 6 + name_bytes + 4) break;
    const std::size_t bytes = number(block.subspan(6 + name_bytes, 4));
    block = block.subspan(6 + name_bytes + 4);
    if (bytes > block.size()) break;
    if (id == kIptcResource) return block.first(bytes);
    if (even(bytes) > block.size()) break;
    block = block.subspan(even(bytes));
  }
  return {};
}

std::vector<std::byte> wrap_iptc(std::span<const std::byte> record) {
  std::vector<std::byte> block;
  const auto append = [&](std::string_view text) {
    for (const char c : text) block.push_back(static_cast<std::byte>(c));
  };
  append(kSignature);
  append(kResource);
  append("\x04\x04\0\0"sv);
  for (int shift = 24; shift >= 0; shift -= 8) block.push_back(static_cast<std::byte>(record.size() >> shift));
  block.insert(block.end(), record.begin(), record.end());
  block.resize(even(block.size()));
  return block;
}

}  // namespace pixmill::codecs
