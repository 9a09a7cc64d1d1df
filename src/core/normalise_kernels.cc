#include "core/normalise_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/normalise_kernels.cc"
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

// As many pixels at a time as one vector holds floats.
using Floats = hn::ScalableTag<float>;
using Bytes = hn::Rebind<std::uint8_t, Floats>;

HWY_INLINE hn::Vec<Floats> scaled(hn::Vec<Bytes> samples, const ChannelScale& scale, int channel) {
  const Floats d;
  const auto value = hn::ConvertTo(d, hn::PromoteTo(hn::RebindToSigned<Floats>(), samples));
  return hn::MulAdd(value, hn::Set(d, scale.factor[channel]), hn::Set(d, scale.offset[channel]));
}

void to_planes(const std::uint8_t* rgb, std::size_t width, const ChannelScale& scale, float* red, float* green,
               float* blue) {
  const Floats d;
  const Bytes bytes;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + lanes <= width; x += lanes) {
    hn::Vec<Bytes> r, g, b;
    hn::LoadInterleaved3(bytes, rgb + 3 * x, r, g, b);
    hn::StoreU(scaled(r, scale, 0), d, red + x);
    hn::StoreU(scaled(g, scale, 1), d, green + x);
    hn::StoreU(scaled(b, scale, 2), d, blue + x);
  }
  kScalarNormaliseKernels.to_planes(rgb + 3 * x, width - x, scale, red + x, green + x, blue + x);
}

void to_interleaved(const std::uint8_t* rgb, std::size_t width, const ChannelScale& scale, bool bgr, float* out) {
  const Floats d;
  const Bytes bytes;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + lanes <= width; x += lanes) {
    hn::Vec<Bytes> r, g, b;
    hn::LoadInterleaved3(bytes, rgb + 3 * x, r, g, b);
    const auto red = scaled(r, scale, 0);
    const auto green = scaled(g, scale, 1);
    const auto blue = scaled(b, scale, 2);
    if (bgr) {
      hn::StoreInterleaved3(blue, green, red, d, out + 3 * x);
    } else {
      hn::StoreInterleaved3(red, green, blue, d, out + 3 * x);
    }
  }
  kScalarNormaliseKernels.to_interleaved(rgb + 3 * x, width - x, scale, bgr, out + 3 * x);
}

std::uint8_t maximum(const std::uint8_t* samples, std::size_t count) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t lanes = hn::Lanes(d);
  auto largest = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) largest = hn::Max(largest, hn::LoadU(d, samples + i));
  HWY_ALIGN std::uint8_t each[HWY_MAX_BYTES];
  hn::Store(largest, d, each);
  return std::max(*std::max_element(each, each + lanes), kScalarNormaliseKernels.maximum(samples + i, count - i));
}

const NormaliseKernels& normalise_table() {
  static constexpr NormaliseKernels table = {to_planes, to_interleaved, maximum};
  return table;
}

#else

const NormaliseKernels& normalise_table() {
  return kScalarNormaliseKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {
namespace {

void scalar_to_planes(const std::uint8_t* rgb, std::size_t width, const ChannelScale& scale, float* red, float* green,
                      float* blue) {
  float* const planes[3] = {red, green, blue};
  for (std::size_t x = 0; x < width; ++x) {
    for (int c = 0; c < 3; ++c) planes[c][x] = static_cast<float>(rgb[3 * x + c]) * scale.factor[c] + scale.offset[c];
  }
}

void scalar_to_interleaved(const std::uint8_t* rgb, std::size_t width, const ChannelScale& scale, bool bgr,
                           float* out) {
  for (std::size_t x = 0; x < width; ++x) {
    for (int c = 0; c < 3; ++c) {
      out[3 * x + (bgr ? 2 - c : c)] = static_cast<float>(rgb[3 * x + c]) * scale.factor[c] + scale.offset[c];
    }
  }
}

std::uint8_t scalar_maximum(const std::uint8_t* samples, std::size_t count) {
  return count == 0 ? std::uint8_t{0} : *std::max_element(samples, samples + count);
}

}  // namespace

const NormaliseKernels kScalarNormaliseKernels = {scalar_to_planes, scalar_to_interleaved, scalar_maximum};

HWY_EXPORT(normalise_table);

const NormaliseKernels& normalise_kernels() {
  return simd_is_off() ? kScalarNormaliseKernels : HWY_DYNAMIC_DISPATCH(normalise_table)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
