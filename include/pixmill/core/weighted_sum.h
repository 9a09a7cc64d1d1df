// Sums of planes of numbers.
#pragma once

#include <cstddef>
#include <span>

namespace pixmill {

// out[i] becomes the sum over k of weights[k] * planes[k * step + i].
void weighted_sum(const float* planes, std::size_t step, std::span<const float> weights, std::span<float> out);

}  // namespace pixmill
