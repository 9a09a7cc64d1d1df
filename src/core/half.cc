#include "pixmill/core/half.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace pixmill {

std::uint16_t to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return sign | 0x7e00u;   // NaN
  if (magnitude >= 0x477ff000u) return sign | 0x7c00u;  // rounds to 65520 or more: infinity
  if (magnitude < 0x38800000u) {
    // Subnormal: adding 0.5 puts the wanted bits at the end of the significand, and lets the processor round them.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<std::uint16_t>(sign |
                                      (std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(0.5f)));
  }
  const std::uint32_t odd = (magnitude >> 13) & 1u;
  return static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000u + 0xfffu + odd) >> 13));
}

float from_f16(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1fu;
  const std::uint32_t significand = bits & 0x3ffu;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(significand) * 0x1p-24f;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  const std::uint32_t wide = exponent == 0x1fu ? 0xffu : exponent + 112u;
  return std::bit_cast<float>(sign | (wide << 23) | (significand << 13));
}

std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);  // NaN
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

Tensor to_half(const Tensor& tensor, ElementType type) {
  assert(tensor.type() == ElementType::f32 && is_half(type));
  Tensor half(tensor.shape(), type);
  const auto from = tensor.as<float>();
  std::transform(from.begin(), from.end(), half.as<std::uint16_t>().begin(),
                 type == ElementType::f16 ? to_f16 : to_bf16);
  return half;
}

Tensor to_single(const Tensor& tensor) {
  assert(is_half(tensor.type()));
  Tensor single(tensor.shape(), ElementType::f32);
  const auto from = tensor.as<std::uint16_t>();
  std::transform(from.begin(), from.end(), single.as<float>().begin(),
                 tensor.type() == ElementType::f16 ? from_f16 : from_bf16);
  return single;
}

}  // namespace pixmill
