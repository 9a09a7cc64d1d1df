#include "pixmill/core/dot_products.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/dot_products.cc"
#include "core/simd_targets.h"
// After the list of targets:
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/simd.h"

#ifndef PIXMILL_CORE_DOT_PRODUCTS
#define PIXMILL_CORE_DOT_PRODUCTS
namespace pixmill {

inline float scalar_dot(const float* a, const float* b, std::size_t length) {
  float sum = 0;
  for (std::size_t i = 0; i < length; ++i) sum += a[i] * b[i];
  return sum;
}

inline void scalar_dot_products(std::span<const float> query, const float* rows, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = scalar_dot(query.data(), rows + i * query.size(), query.size());
}

}  // namespace pixmill
#endif  // PIXMILL_CORE_DOT_PRODUCTS

HWY_BEFORE_NAMESPACE();
namespace pixmill {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if PIXMILL_HAVE_VECTORS

// Four rows at a time: the query is loaded once for them, and no sum waits for its own last addition.
void dots(std::span<const float> query, const float* rows, std::span<float> out) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d), length = query.size(), whole = length - length % lanes;
  const float* const q = query.data();
  std::size_t row = 0;
  for (; row + 4 <= out.size(); row += 4) {
    const float* const first = rows + row * length;
    auto a = hn::Zero(d), b = hn::Zero(d), c = hn::Zero(d), e = hn::Zero(d);
    for (std::size_t i = 0; i < whole; i += lanes) {
      const auto part = hn::LoadU(d, q + i);
      a = hn::MulAdd(part, hn::LoadU(d, first + i), a);
      b = hn::MulAdd(part, hn::LoadU(d, first + length + i), b);
      c = hn::MulAdd(part, hn::LoadU(d, first + 2 * length + i), c);
      e = hn::MulAdd(part, hn::LoadU(d, first + 3 * length + i), e);
    }
    out[row] = hn::GetLane(hn::SumOfLanes(d, a));
    out[row + 1] = hn::GetLane(hn::SumOfLanes(d, b));
    out[row + 2] = hn::GetLane(hn::SumOfLanes(d, c));
    out[row + 3] = hn::GetLane(hn::SumOfLanes(d, e));
    for (std::size_t k = 0; k < 4; ++k)
      out[row + k] += scalar_dot(q + whole, first + k * length + whole, length - whole);
  }
  for (; row < out.size(); ++row) {
    const float* const one = rows + row * length;
    auto sum = hn::Zero(d);
    for (std::size_t i = 0; i < whole; i += lanes) sum = hn::MulAdd(hn::LoadU(d, q + i), hn::LoadU(d, one + i), sum);
    out[row] = hn::GetLane(hn::SumOfLanes(d, sum)) + scalar_dot(q + whole, one + whole, length - whole);
  }
}

#else

void dots(std::span<const float> query, const float* rows, std::span<float> out) {
  scalar_dot_products(query, rows, out);
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {

HWY_EXPORT(dots);

void dot_products(std::span<const float> query, const float* rows, std::span<float> out) {
  if (simd_is_off()) return scalar_dot_products(query, rows, out);
  HWY_DYNAMIC_DISPATCH(dots)(query, rows, out);
}

}  // namespace pixmill
#endif  // HWY_ONCE
