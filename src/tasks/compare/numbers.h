// Metrics of rows of numbers.
#pragma once

#include <span>

#include "pixmill/core/tensor.h"
#include "pixmill/tasks/comparison.h"

namespace pixmill::tasks {

// Both of one length.
Difference difference(std::span<const float> reference, std::span<const float> got);

// Over all outputs that hold floats.
Difference difference(std::span<const Tensor> reference, std::span<const Tensor> got);

// Peak signal-to-noise ratio in dB of values 0..1 (clamped to it, as a picture would be); kEqualDb where they are
// equal.
double psnr(std::span<const float> reference, std::span<const float> got);
inline constexpr double kEqualDb = 120.0;

// -1..1; 1 where both are zero.
double cosine(std::span<const float> reference, std::span<const float> got);

}  // namespace pixmill::tasks
