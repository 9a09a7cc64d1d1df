#include "core/tile_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tile_kernels.cc"
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

using Floats = hn::ScalableTag<float>;

void add(const float* from, const float* weights, float weight, std::size_t count, float* to) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const auto all = hn::Set(d, weight);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto share = hn::Mul(hn::LoadU(d, weights + i), all);
    hn::StoreU(hn::Add(hn::LoadU(d, to + i), hn::Mul(hn::LoadU(d, from + i), share)), d, to + i);
  }
  kScalarTileKernels.add(from + i, weights + i, weight, count - i, to + i);
}

// As integers of 0..full; false comparisons make NaN 0.
HWY_INLINE hn::Vec<hn::Rebind<std::int32_t, Floats>> level(hn::Vec<Floats> value, float full) {
  const Floats d;
  const auto positive = hn::IfThenElseZero(hn::Gt(value, hn::Zero(d)), value);
  return hn::NearestInt(hn::Mul(hn::Min(positive, hn::Set(d, 1.0F)), hn::Set(d, full)));
}

template <typename T>
void to_rgb(const float* const planes[3], std::size_t width, T* rgb) {
  const Floats d;
  const hn::Rebind<T, Floats> narrow;
  const std::size_t lanes = hn::Lanes(d);
  constexpr auto kFull = static_cast<float>(std::numeric_limits<T>::max());
  std::size_t x = 0;
  for (; x + lanes <= width; x += lanes) {
    const auto red = hn::DemoteTo(narrow, level(hn::LoadU(d, planes[0] + x), kFull));
    const auto green = hn::DemoteTo(narrow, level(hn::LoadU(d, planes[1] + x), kFull));
    const auto blue = hn::DemoteTo(narrow, level(hn::LoadU(d, planes[2] + x), kFull));
    hn::StoreInterleaved3(red, green, blue, narrow, rgb + 3 * x);
  }
  const float* const rest[3] = {planes[0] + x, planes[1] + x, planes[2] + x};
  if constexpr (sizeof(T) == 1) {
    kScalarTileKernels.to_rgb8(rest, width - x, rgb + 3 * x);
  } else {
    kScalarTileKernels.to_rgb16(rest, width - x, rgb + 3 * x);
  }
}

void to_rgb8(const float* const planes[3], std::size_t width, std::uint8_t* rgb) {
  to_rgb(planes, width, rgb);
}

void to_rgb16(const float* const planes[3], std::size_t width, std::uint16_t* rgb) {
  to_rgb(planes, width, rgb);
}

bool range(const float* values, std::size_t count, float* least, float* most) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  float low = std::numeric_limits<float>::infinity(), high = -low;
  std::size_t i = 0;
  if (count >= lanes) {
    auto lows = hn::LoadU(d, values), highs = lows;
    auto finite = hn::IsFinite(lows);
    for (i = lanes; i + lanes <= count; i += lanes) {
      const auto some = hn::LoadU(d, values + i);
      finite = hn::And(finite, hn::IsFinite(some));
      lows = hn::Min(lows, some);
      highs = hn::Max(highs, some);
    }
    if (!hn::AllTrue(d, finite)) return false;
    low = hn::GetLane(hn::MinOfLanes(d, lows));
    high = hn::GetLane(hn::MaxOfLanes(d, highs));
  }
  if (!kScalarTileKernels.range(values + i, count - i, least, most)) return false;
  *least = std::min(*least, low);
  *most = std::max(*most, high);
  return true;
}

const TileKernels& tile_table() {
  static const TileKernels table = {add, to_rgb8, to_rgb16, range};
  return table;
}

#else

const TileKernels& tile_table() {
  return kScalarTileKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {
namespace {

void scalar_add(const float* from, const float* weights, float weight, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] += from[i] * (weights[i] * weight);
}

template <typename T>
void scalar_to_rgb(const float* const planes[3], std::size_t width, T* rgb) {
  constexpr auto kFull = static_cast<float>(std::numeric_limits<T>::max());
  for (std::size_t x = 0; x < width; ++x) {
    for (int c = 0; c < 3; ++c) {
      const float value = planes[c][x];
      const float positive = value > 0.0F ? value : 0.0F;  // false for NaN
      rgb[3 * x + static_cast<std::size_t>(c)] = static_cast<T>(std::lrint(std::min(positive, 1.0F) * kFull));
    }
  }
}

bool scalar_range(const float* values, std::size_t count, float* least, float* most) {
  float low = std::numeric_limits<float>::infinity(), high = -low;
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(values[i])) return false;
    low = std::min(low, values[i]);
    high = std::max(high, values[i]);
  }
  *least = low;
  *most = high;
  return true;
}

}  // namespace

const TileKernels kScalarTileKernels = {scalar_add, scalar_to_rgb<std::uint8_t>, scalar_to_rgb<std::uint16_t>,
                                        scalar_range};

HWY_EXPORT(tile_table);

const TileKernels& tile_kernels() {
  return simd_is_off() ? kScalarTileKernels : HWY_DYNAMIC_DISPATCH(tile_table)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
