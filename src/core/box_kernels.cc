#include "core/box_kernels.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/box_kernels.cc"
#include "core/simd_targets.h"
// After the list of targets:
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/simd.h"

HWY_BEFORE_NAMESPACE();
namespace pixmill {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if PIXMILL_HAVE_VECTORS

using Floats = hn::CappedTag<float, BoxBlock::kBoxes>;  // of a block
using Vector = hn::Vec<Floats>;

Sides box_of(const BoxBlock& block, std::size_t i) {
  return {block.left[i], block.top[i], block.right[i], block.bottom[i]};
}

// Single precision decides nearly always; what is within its error of the limit is computed as the twin does it.
bool covers(const BoxBlock* blocks, std::int32_t first, const Sides& box, double overlap) {
  constexpr float kSlack = 1e-5F;  // more than six roundings of 2^-24 each
  constexpr float kTiny = 1e-30F;  // areas below have fewer digits
  const Floats d;
  const Vector left = hn::Set(d, box.left), top = hn::Set(d, box.top), right = hn::Set(d, box.right),
               bottom = hn::Set(d, box.bottom);
  const Vector area = hn::Set(d, (box.right - box.left) * (box.bottom - box.top));
  const auto limit = static_cast<float>(overlap);
  const Vector least = hn::Set(d, limit * (1.0F - kSlack)), more = hn::Set(d, limit * (1.0F + kSlack));
  const Vector tiny = hn::Set(d, kTiny), zero = hn::Zero(d);
  for (std::int32_t at = first; at >= 0; at = blocks[at].next) {
    const BoxBlock& block = blocks[at];
    for (std::size_t i = 0; i < BoxBlock::kBoxes; i += hn::Lanes(d)) {
      const Vector width =
          hn::Sub(hn::Min(right, hn::Load(d, block.right + i)), hn::Max(left, hn::Load(d, block.left + i)));
      const Vector height =
          hn::Sub(hn::Min(bottom, hn::Load(d, block.bottom + i)), hn::Max(top, hn::Load(d, block.top + i)));
      const Vector both = hn::Mul(hn::Max(width, zero), hn::Max(height, zero));
      const Vector either = hn::Sub(hn::Add(area, hn::Load(d, block.area + i)), both);
      const auto below =
          hn::Or(hn::Le(hn::Min(width, height), zero), hn::Lt(hn::Add(both, tiny), hn::Mul(least, either)));
      if (HWY_LIKELY(hn::AllTrue(d, below))) continue;
      if (!hn::AllFalse(d, hn::AndNot(below, hn::Gt(both, hn::MulAdd(more, either, tiny))))) return true;
      std::uint8_t bits[8] = {};
      hn::StoreMaskBits(d, hn::Not(below), bits);
      for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
        if ((bits[lane / 8] >> (lane % 8) & 1U) != 0 && iou(box_of(block, i + lane), box) > overlap) return true;
      }
    }
  }
  return false;
}

bool all_finite(const float* values, std::size_t count) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const std::size_t lanes = hn::Lanes(d);
  auto largest = hn::Zero(di);  // exponents, with the digits behind them
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) largest = hn::Max(largest, hn::BitCast(di, hn::Abs(hn::LoadU(d, values + i))));
  const auto infinite = hn::Set(di, 0x7F800000);
  return hn::AllTrue(di, hn::Lt(largest, infinite)) && kScalarBoxKernels.all_finite(values + i, count - i);
}

float largest(const float* values, std::size_t count) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  if (count < lanes) return kScalarBoxKernels.largest(values, count);
  auto most = hn::LoadU(d, values);
  for (std::size_t i = lanes; i + lanes <= count; i += lanes) most = hn::Max(most, hn::LoadU(d, values + i));
  most = hn::Max(most, hn::LoadU(d, values + count - lanes));
  return hn::GetLane(hn::MaxOfLanes(d, most));
}

void raise(const float* values, std::size_t count, float* largest) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(hn::Max(hn::LoadU(d, values + i), hn::LoadU(d, largest + i)), d, largest + i);
  kScalarBoxKernels.raise(values + i, count - i, largest + i);
}

const BoxKernels& box_table() {
  static constexpr BoxKernels table = {covers, all_finite, largest, raise};
  return table;
}

#else

const BoxKernels& box_table() {
  return kScalarBoxKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {
namespace {

bool scalar_covers(const BoxBlock* blocks, std::int32_t first, const Sides& box, double overlap) {
  for (std::int32_t at = first; at >= 0; at = blocks[at].next) {
    const BoxBlock& block = blocks[at];
    for (std::size_t i = 0; i < BoxBlock::kBoxes; ++i) {
      if (iou({block.left[i], block.top[i], block.right[i], block.bottom[i]}, box) > overlap) return true;
    }
  }
  return false;
}

bool scalar_all_finite(const float* values, std::size_t count) {
  return std::all_of(values, values + count, [](float value) { return std::isfinite(value); });
}

float scalar_largest(const float* values, std::size_t count) {
  return *std::max_element(values, values + count);
}

void scalar_raise(const float* values, std::size_t count, float* largest) {
  for (std::size_t i = 0; i < count; ++i) largest[i] = std::max(largest[i], values[i]);
}

}  // namespace

const BoxKernels kScalarBoxKernels = {scalar_covers, scalar_all_finite, scalar_largest, scalar_raise};

HWY_EXPORT(box_table);

const BoxKernels& box_kernels() {
  return simd_is_off() ? kScalarBoxKernels : HWY_DYNAMIC_DISPATCH(box_table)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
