// Half precision: at the edge of a model, since tasks compute in f32 whatever its ports hold, and in files of numbers.
#pragma once

#include <cstdint>

#include "pixmill/core/tensor.h"

namespace pixmill {

std::uint16_t to_f16(float value);  // to the nearest, ties to even; too large becomes infinity, NaN stays NaN
float from_f16(std::uint16_t bits);
std::uint16_t to_bf16(float value);
float from_bf16(std::uint16_t bits);

inline bool is_half(ElementType type) {
  return type == ElementType::f16 || type == ElementType::bf16;
}

// f32 -> f16 or bf16.
Tensor to_half(const Tensor& tensor, ElementType type);
// f16 or bf16 -> f32.
Tensor to_single(const Tensor& tensor);

}  // namespace pixmill
