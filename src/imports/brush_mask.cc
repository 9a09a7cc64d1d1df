#include "imports/brush_mask.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace pixmill::imports {
namespace {

constexpr std::int64_t kMostPixels = 268'435'456;
constexpr std::uint64_t kChannels = 4;

class Bits {
 public:
  explicit Bits(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint32_t take(int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i, ++at_) {
      if (at_ / 8 >= bytes_.size()) {
        ended_ = true;
        return 0;
      }
      value = value << 1 | (bytes_[at_ / 8] >> (7 - at_ % 8) & 1U);
    }
    return value;
  }
  bool ended() const { return ended_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

}  // namespace

std::optional<RunMask> brush_mask(std::span<const std::uint8_t> bytes, Size picture) {
  if (picture.area() < 1 || picture.area() > kMostPixels) return std::nullopt;
  const std::uint64_t values = static_cast<std::uint64_t>(picture.area()) * kChannels;
  Bits bits(bytes);
  if (bits.take(32) != values) return std::nullopt;
  const int value_bits = static_cast<int>(bits.take(5)) + 1;
  std::array<int, 4> length_bits{};
  for (int& one : length_bits) one = static_cast<int>(bits.take(4)) + 1;
  Image bitmap(picture, 1);
  std::memset(bitmap.data(), 0, bitmap.bytes());
  auto* alpha = reinterpret_cast<std::uint8_t*>(bitmap.data());
  for (std::uint64_t at = 0; at < values && !bits.ended();) {
    const bool repeated = bits.take(1) == 1;
    const std::uint64_t end = std::min<std::uint64_t>(values, at + 1 + bits.take(length_bits[bits.take(2)]));
    std::uint32_t value = repeated ? bits.take(value_bits) : 0;
    for (; at < end && !bits.ended(); ++at) {
      if (!repeated) value = bits.take(value_bits);
      if (at % kChannels == kChannels - 1 && value != 0) alpha[at / kChannels] = 255;
    }
  }
  if (bits.ended()) return std::nullopt;
  return mask_of_bitmap(bitmap, picture);
}

}  // namespace pixmill::imports
