#include "pixmill/core/weighted_sum.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/weighted_sum.cc"
#include "core/simd_targets.h"
// After the list of targets:
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/simd.h"

#ifndef PIXMILL_CORE_WEIGHTED_SUM
#define PIXMILL_CORE_WEIGHTED_SUM
namespace pixmill {

inline void scalar_weighted_sum(const float* planes, std::size_t step, std::span<const float> weights,
                                std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    float sum = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) sum += weights[k] * planes[k * step + i];
    out[i] = sum;
  }
}

}  // namespace pixmill
#endif  // PIXMILL_CORE_WEIGHTED_SUM

HWY_BEFORE_NAMESPACE();
namespace pixmill {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if PIXMILL_HAVE_VECTORS

// Four sums at a time, as one alone would wait for its last addition.
void sum_planes(const float* planes, std::size_t step, std::span<const float> weights, std::span<float> out) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + 4 * lanes <= out.size(); i += 4 * lanes) {
    auto first = hn::Zero(d), second = hn::Zero(d), third = hn::Zero(d), fourth = hn::Zero(d);
    const float* plane = planes + i;
    for (const float weight : weights) {
      const auto share = hn::Set(d, weight);
      first = hn::MulAdd(share, hn::LoadU(d, plane), first);
      second = hn::MulAdd(share, hn::LoadU(d, plane + lanes), second);
      third = hn::MulAdd(share, hn::LoadU(d, plane + 2 * lanes), third);
      fourth = hn::MulAdd(share, hn::LoadU(d, plane + 3 * lanes), fourth);
      plane += step;
    }
    hn::StoreU(first, d, out.data() + i);
    hn::StoreU(second, d, out.data() + i + lanes);
    hn::StoreU(third, d, out.data() + i + 2 * lanes);
    hn::StoreU(fourth, d, out.data() + i + 3 * lanes);
  }
  for (; i + lanes <= out.size(); i += lanes) {
    auto sum = hn::Zero(d);
    for (std::size_t k = 0; k < weights.size(); ++k)
      sum = hn::MulAdd(hn::Set(d, weights[k]), hn::LoadU(d, planes + k * step + i), sum);
    hn::StoreU(sum, d, out.data() + i);
  }
  scalar_weighted_sum(planes + i, step, weights, out.subspan(i));
}

#else

void sum_planes(const float* planes, std::size_t step, std::span<const float> weights, std::span<float> out) {
  scalar_weighted_sum(planes, step, weights, out);
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {

HWY_EXPORT(sum_planes);

void weighted_sum(const float* planes, std::size_t step, std::span<const float> weights, std::span<float> out) {
  if (simd_is_off()) return scalar_weighted_sum(planes, step, weights, out);
  HWY_DYNAMIC_DISPATCH(sum_planes)(planes, step, weights, out);
}

}  // namespace pixmill
#endif  // HWY_ONCE
