// Rows of numbers in half precision, which take half the memory to read: conversions and inner products.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pixmill {

// As to_f16() and from_f16() do for each number. Both spans are equally long.
void narrow(std::span<const float> from, std::span<std::uint16_t> to);
void widen(std::span<const std::uint16_t> from, std::span<float> to);

// out[i] becomes the inner product of `query` with row i of `rows`, which lie one behind the other and are as long as
// `query`. Sums are f32, in an order that depends on the processor.
void dot_products(std::span<const float> query, const std::uint16_t* rows, std::span<float> out);

}  // namespace pixmill
