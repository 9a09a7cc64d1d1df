// Inner products of one row of numbers with many.
#pragma once

#include <cstddef>
#include <span>

namespace pixmill {

// out[i] becomes the inner product of `query` with row i of `rows`, which lie one behind the other and are as long as
// `query`. Sums are f32, in an order that depends on the processor.
void dot_products(std::span<const float> query, const float* rows, std::span<float> out);

}  // namespace pixmill
