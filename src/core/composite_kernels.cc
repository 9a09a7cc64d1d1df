#include "core/composite_kernels.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/composite_kernels.cc"
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

using Words = hn::ScalableTag<std::uint16_t>;
using Bytes = hn::Rebind<std::uint8_t, Words>;  // as many bytes as a vector holds words

// One channel: exact, because (t + (t >> 8)) >> 8 with t = x + 128 is x / 255 rounded, for all x up to 255 * 255.
HWY_INLINE hn::Vec<Bytes> blend(hn::Vec<Bytes> colour, hn::Vec<Bytes> background, hn::Vec<Words> alpha) {
  const Words d;
  const auto rest = hn::Sub(hn::Set(d, 255), alpha);
  const auto product = hn::Add(hn::Mul(hn::PromoteTo(d, colour), alpha), hn::Mul(hn::PromoteTo(d, background), rest));
  const auto t = hn::Add(product, hn::Set(d, 128));
  const auto value = hn::ShiftRight<8>(hn::Add(t, hn::ShiftRight<8>(t)));
  return hn::DemoteTo(Bytes(), hn::BitCast(hn::RebindToSigned<Words>(), value));
}

HWY_INLINE void blend_pixels(const std::uint8_t* rgba, hn::Vec<Bytes> red, hn::Vec<Bytes> green, hn::Vec<Bytes> blue,
                             std::uint8_t* rgb) {
  const Bytes d;
  hn::Vec<Bytes> r, g, b, a;
  hn::LoadInterleaved4(d, rgba, r, g, b, a);
  const auto alpha = hn::PromoteTo(Words(), a);
  hn::StoreInterleaved3(blend(r, red, alpha), blend(g, green, alpha), blend(b, blue, alpha), d, rgb);
}

void over_colour(const std::uint8_t* rgba, std::array<std::uint8_t, 3> colour, std::size_t width, std::uint8_t* rgb) {
  const Bytes d;
  const std::size_t lanes = hn::Lanes(d);
  const auto red = hn::Set(d, colour[0]);
  const auto green = hn::Set(d, colour[1]);
  const auto blue = hn::Set(d, colour[2]);
  std::size_t x = 0;
  for (; x + lanes <= width; x += lanes) blend_pixels(rgba + 4 * x, red, green, blue, rgb + 3 * x);
  kScalarCompositeKernels.over_colour(rgba + 4 * x, colour, width - x, rgb + 3 * x);
}

void over_picture(const std::uint8_t* rgba, const std::uint8_t* background, std::size_t width, std::uint8_t* rgb) {
  const Bytes d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + lanes <= width; x += lanes) {
    hn::Vec<Bytes> red, green, blue;
    hn::LoadInterleaved3(d, background + 3 * x, red, green, blue);
    blend_pixels(rgba + 4 * x, red, green, blue, rgb + 3 * x);
  }
  kScalarCompositeKernels.over_picture(rgba + 4 * x, background + 3 * x, width - x, rgb + 3 * x);
}

void join(const std::uint8_t* rgb, const std::uint8_t* alpha, std::size_t width, std::uint8_t* rgba) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + lanes <= width; x += lanes) {
    hn::Vec<decltype(d)> r, g, b;
    hn::LoadInterleaved3(d, rgb + 3 * x, r, g, b);
    const auto a = hn::LoadU(d, alpha + x);
    const auto nothing = hn::Eq(a, hn::Zero(d));
    hn::StoreInterleaved4(hn::IfThenZeroElse(nothing, r), hn::IfThenZeroElse(nothing, g),
                          hn::IfThenZeroElse(nothing, b), a, d, rgba + 4 * x);
  }
  kScalarCompositeKernels.join(rgb + 3 * x, alpha + x, width - x, rgba + 4 * x);
}

void round(const float* from, std::size_t samples, std::uint8_t* to) {
  const hn::ScalableTag<float> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + lanes <= samples; x += lanes) {
    const auto value = hn::LoadU(d, from + x);
    const auto positive = hn::IfThenElseZero(hn::Gt(value, hn::Zero(d)), value);  // false for NaN
    const auto scaled = hn::Mul(hn::Min(positive, hn::Set(d, 1.0F)), hn::Set(d, 255.0F));
    hn::StoreU(hn::DemoteTo(bytes, hn::NearestInt(scaled)), bytes, to + x);
  }
  kScalarCompositeKernels.round(from + x, samples - x, to + x);
}

const CompositeKernels& composite_table() {
  static constexpr CompositeKernels table = {join, over_colour, over_picture, round};
  return table;
}

#else

const CompositeKernels& composite_table() {
  return kScalarCompositeKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {
namespace {

std::uint8_t scalar_blend(int colour, int background, int alpha) {
  return static_cast<std::uint8_t>((colour * alpha + background * (255 - alpha) + 127) / 255);
}

void scalar_over_colour(const std::uint8_t* rgba, std::array<std::uint8_t, 3> colour, std::size_t width,
                        std::uint8_t* rgb) {
  for (std::size_t x = 0; x < width; ++x) {
    for (int c = 0; c < 3; ++c) rgb[3 * x + c] = scalar_blend(rgba[4 * x + c], colour[c], rgba[4 * x + 3]);
  }
}

void scalar_over_picture(const std::uint8_t* rgba, const std::uint8_t* background, std::size_t width,
                         std::uint8_t* rgb) {
  for (std::size_t x = 0; x < width; ++x) {
    for (int c = 0; c < 3; ++c) rgb[3 * x + c] = scalar_blend(rgba[4 * x + c], background[3 * x + c], rgba[4 * x + 3]);
  }
}

void scalar_join(const std::uint8_t* rgb, const std::uint8_t* alpha, std::size_t width, std::uint8_t* rgba) {
  for (std::size_t x = 0; x < width; ++x) {
    for (int c = 0; c < 3; ++c) rgba[4 * x + c] = alpha[x] == 0 ? std::uint8_t{0} : rgb[3 * x + c];
    rgba[4 * x + 3] = alpha[x];
  }
}

void scalar_round(const float* from, std::size_t samples, std::uint8_t* to) {
  for (std::size_t x = 0; x < samples; ++x) {
    const float positive = from[x] > 0.0F ? from[x] : 0.0F;  // false for NaN
    to[x] = static_cast<std::uint8_t>(std::lrint(std::min(positive, 1.0F) * 255.0F));
  }
}

}  // namespace

const CompositeKernels kScalarCompositeKernels = {scalar_join, scalar_over_colour, scalar_over_picture, scalar_round};

HWY_EXPORT(composite_table);

const CompositeKernels& composite_kernels() {
  return simd_is_off() ? kScalarCompositeKernels : HWY_DYNAMIC_DISPATCH(composite_table)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
