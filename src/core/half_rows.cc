#include "pixmill/core/half_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/half_rows.cc"
#include "core/simd_targets.h"
// After the list of targets:
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/simd.h"
#include "pixmill/core/half.h"

#ifndef PIXMILL_CORE_HALF_ROWS
#define PIXMILL_CORE_HALF_ROWS
namespace pixmill {

inline void scalar_narrow(const float* from, std::uint16_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = to_f16(from[i]);
}

inline void scalar_widen(const std::uint16_t* from, float* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from_f16(from[i]);
}

inline float scalar_dot(const float* a, const std::uint16_t* b, std::size_t length) {
  float sum = 0;
  for (std::size_t i = 0; i < length; ++i) sum += a[i] * from_f16(b[i]);
  return sum;
}

inline void scalar_dot_products(std::span<const float> query, const std::uint16_t* rows, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = scalar_dot(query.data(), rows + i * query.size(), query.size());
}

}  // namespace pixmill
#endif  // PIXMILL_CORE_HALF_ROWS

HWY_BEFORE_NAMESPACE();
namespace pixmill {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if PIXMILL_HAVE_VECTORS

using Floats = hn::ScalableTag<float>;
using Halves [[maybe_unused]] = hn::Rebind<hwy::float16_t, Floats>;

// Processors with AVX2 convert halves themselves. What Highway does in place of that takes NaN for a number.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2

HWY_INLINE hn::Vec<Floats> widened(const std::uint16_t* from) {
  return hn::PromoteTo(Floats(), hn::LoadU(Halves(), reinterpret_cast<const hwy::float16_t*>(from)));
}

void narrow_row(const float* from, std::uint16_t* to, std::size_t count) {
  const std::size_t lanes = hn::Lanes(Floats());
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(hn::DemoteTo(Halves(), hn::LoadU(Floats(), from + i)), Halves(),
               reinterpret_cast<hwy::float16_t*>(to + i));
  scalar_narrow(from + i, to + i, count - i);
}

#else

// The exponent is moved to its place and made right by a product, which does so for subnormals too; what is beyond all
// halves then was infinite or no number, and gets the exponent of those.
HWY_INLINE hn::Vec<Floats> widened(const std::uint16_t* from) {
  const Floats d;
  const hn::RebindToUnsigned<Floats> whole;
  const auto bits = hn::PromoteTo(whole, hn::LoadU(hn::Rebind<std::uint16_t, Floats>(), from));
  const auto magnitude = hn::ShiftLeft<13>(hn::And(bits, hn::Set(whole, 0x7fffU)));
  const auto sign = hn::ShiftLeft<16>(hn::And(bits, hn::Set(whole, 0x8000U)));
  const auto value = hn::Mul(hn::BitCast(d, magnitude), hn::Set(d, 0x1p112F));
  const auto beyond =
      hn::IfThenElseZero(hn::Ge(value, hn::Set(d, 65536.0F)), hn::BitCast(d, hn::Set(whole, 0x7f800000U)));
  return hn::Or(hn::Or(value, beyond), hn::BitCast(d, sign));
}

void narrow_row(const float* from, std::uint16_t* to, std::size_t count) {
  scalar_narrow(from, to, count);
}

#endif

void widen_row(const std::uint16_t* from, float* to, std::size_t count) {
  const std::size_t lanes = hn::Lanes(Floats());
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(widened(from + i), Floats(), to + i);
  scalar_widen(from + i, to + i, count - i);
}

// The products of the query with kRows rows from `first` on: the query is loaded once for them, and no sum waits for
// its own last addition.
template <std::size_t kRows>
HWY_INLINE void dots_of(std::span<const float> query, const std::uint16_t* first, float* out) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d), length = query.size(), whole = length - length % lanes;
  hn::Vec<Floats> sums[kRows];
  for (std::size_t k = 0; k < kRows; ++k) sums[k] = hn::Zero(d);
  for (std::size_t i = 0; i < whole; i += lanes) {
    const auto part = hn::LoadU(d, query.data() + i);
    for (std::size_t k = 0; k < kRows; ++k) sums[k] = hn::MulAdd(part, widened(first + k * length + i), sums[k]);
  }
  for (std::size_t k = 0; k < kRows; ++k)
    out[k] = hn::GetLane(hn::SumOfLanes(d, sums[k])) +
             scalar_dot(query.data() + whole, first + k * length + whole, length - whole);
}

void dots(std::span<const float> query, const std::uint16_t* rows, std::span<float> out) {
  std::size_t row = 0;
  for (; row + 8 <= out.size(); row += 8) dots_of<8>(query, rows + row * query.size(), out.data() + row);
  for (; row < out.size(); ++row) dots_of<1>(query, rows + row * query.size(), out.data() + row);
}

#else

void narrow_row(const float* from, std::uint16_t* to, std::size_t count) {
  scalar_narrow(from, to, count);
}

void widen_row(const std::uint16_t* from, float* to, std::size_t count) {
  scalar_widen(from, to, count);
}

void dots(std::span<const float> query, const std::uint16_t* rows, std::span<float> out) {
  scalar_dot_products(query, rows, out);
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {

HWY_EXPORT(narrow_row);
HWY_EXPORT(widen_row);
HWY_EXPORT(dots);

void narrow(std::span<const float> from, std::span<std::uint16_t> to) {
  if (simd_is_off()) return scalar_narrow(from.data(), to.data(), from.size());
  HWY_DYNAMIC_DISPATCH(narrow_row)(from.data(), to.data(), from.size());
}

void widen(std::span<const std::uint16_t> from, std::span<float> to) {
  if (simd_is_off()) return scalar_widen(from.data(), to.data(), from.size());
  HWY_DYNAMIC_DISPATCH(widen_row)(from.data(), to.data(), from.size());
}

void dot_products(std::span<const float> query, const std::uint16_t* rows, std::span<float> out) {
  if (simd_is_off()) return scalar_dot_products(query, rows, out);
  HWY_DYNAMIC_DISPATCH(dots)(query, rows, out);
}

}  // namespace pixmill
#endif  // HWY_ONCE
