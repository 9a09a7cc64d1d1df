#include "core/edge_kernels.h"

#include <algorithm>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/edge_kernels.cc"
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

constexpr int kFewColumns = 3;  // fewer are quicker one by one

using Floats = hn::ScalableTag<float>;
using Bytes = hn::Rebind<std::uint8_t, Floats>;
using Ints = hn::RebindToSigned<Floats>;

HWY_INLINE hn::Vec<Floats> to_floats(hn::Vec<Bytes> bytes) {
  return hn::ConvertTo(Floats(), hn::PromoteTo(Ints(), bytes));
}

// The change that a Detail makes is a polynomial of the weight w between two columns:
//   constant + linear w + quadratic w^2 + sum over colours of colour * (slope + rise w)
struct Change {
  float constant, linear, quadratic;
  float slope[3], rise[3];

  Change(const float* left, const float* right) : constant(left[0]), linear(right[0] - left[0]), quadratic(0.0F) {
    for (int c = 0; c < 3; ++c) {
      const float at = left[1 + c], step = right[1 + c] - at;
      const float guide = left[4 + c], guide_step = right[4 + c] - guide;
      constant -= at * guide;
      linear -= at * guide_step + step * guide;
      quadratic -= step * guide_step;
      slope[c] = at * (1.0F / 255.0F);
      rise[c] = step * (1.0F / 255.0F);
    }
  }
};

void refine(const float* left, const float* right, const float* weights, const std::uint8_t* rgb, int count,
            float* matte) {
  if (count < kFewColumns) return kScalarEdgeKernels.refine(left, right, weights, rgb, count, matte);
  const Floats d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const Change change(left, right);
  const auto zero = hn::Zero(d), one = hn::Set(d, 1.0F);
  for (int x = 0; x < count; x += lanes) {
    const auto w = hn::LoadU(d, weights + x);
    const auto bilinear = hn::LoadU(d, matte + x);
    hn::Vec<Bytes> red, green, blue;
    hn::LoadInterleaved3(Bytes(), rgb + 3 * static_cast<std::ptrdiff_t>(x), red, green, blue);
    const auto slope = [&](int c)
                           HWY_ATTR { return hn::MulAdd(hn::Set(d, change.rise[c]), w, hn::Set(d, change.slope[c])); };
    auto sum = hn::MulAdd(hn::Set(d, change.quadratic), w, hn::Set(d, change.linear));
    sum = hn::MulAdd(sum, w, hn::Set(d, change.constant));
    sum = hn::MulAdd(to_floats(red), slope(0), sum);
    sum = hn::MulAdd(to_floats(green), slope(1), sum);
    sum = hn::MulAdd(to_floats(blue), slope(2), sum);
    const auto guided = hn::Min(hn::Max(hn::Add(bilinear, sum), zero), one);
    const auto doubt = hn::Min(bilinear, hn::Sub(one, bilinear));
    const auto raw = hn::Mul(hn::Sub(doubt, hn::Set(d, kCertain)), hn::Set(d, 1.0F / (kUncertain - kCertain)));
    const auto weight = hn::Min(raw, one);
    const auto refined = hn::MulAdd(weight, hn::Sub(guided, bilinear), bilinear);
    const auto wanted = hn::And(hn::FirstN(d, static_cast<std::size_t>(count - x)), hn::Gt(weight, zero));
    hn::StoreU(hn::IfThenElse(wanted, refined, bilinear), d, matte + x);
  }
}

// One colour of a vector of pixels.
struct Smooth {
  float foreground, foreground_step, background, background_step;

  Smooth(const float* left, const float* right, int c)
      : foreground(255.0F * left[c]),
        foreground_step(255.0F * (right[c] - left[c])),
        background(255.0F * left[4 + c]),
        background_step(255.0F * (right[4 + c] - left[4 + c])) {}
};

HWY_INLINE hn::Vec<Bytes> recoloured(hn::Vec<Bytes> bytes, const Smooth& smooth, hn::Vec<Floats> w,
                                     hn::Vec<Floats> alpha, hn::Mask<Floats> wanted) {
  const Floats d;
  const auto observed = to_floats(bytes);
  const auto foreground = hn::MulAdd(hn::Set(d, smooth.foreground_step), w, hn::Set(d, smooth.foreground));
  const auto background = hn::MulAdd(hn::Set(d, smooth.background_step), w, hn::Set(d, smooth.background));
  // observed - alpha F - (1 - alpha) B
  const auto unexplained = hn::NegMulAdd(alpha, hn::Sub(foreground, background), hn::Sub(observed, background));
  const auto colour = hn::MulAdd(alpha, unexplained, foreground);
  const auto clamped = hn::Min(hn::Max(colour, hn::Zero(d)), hn::Set(d, 255.0F));
  const auto rounded = hn::Add(hn::IfThenElse(wanted, clamped, observed), hn::Set(d, 0.5F));
  return hn::DemoteTo(Bytes(), hn::ConvertTo(Ints(), rounded));
}

void recolour(const float* left, const float* right, const float* weights, const float* alpha, int count,
              std::uint8_t* rgb) {
  if (count < kFewColumns) return kScalarEdgeKernels.recolour(left, right, weights, alpha, count, rgb);
  const Floats d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const Smooth red_of(left, right, 0), green_of(left, right, 1), blue_of(left, right, 2);
  for (int x = 0; x < count; x += lanes) {
    const auto w = hn::LoadU(d, weights + x);
    const auto cover = hn::LoadU(d, alpha + x);
    std::uint8_t* const pixels = rgb + 3 * static_cast<std::ptrdiff_t>(x);
    hn::Vec<Bytes> red, green, blue;
    hn::LoadInterleaved3(Bytes(), pixels, red, green, blue);
    const auto half = hn::And(hn::Gt(cover, hn::Set(d, kClear)), hn::Lt(cover, hn::Set(d, kOpaque)));
    const auto wanted = hn::And(hn::FirstN(d, static_cast<std::size_t>(count - x)), half);
    hn::StoreInterleaved3(recoloured(red, red_of, w, cover, wanted), recoloured(green, green_of, w, cover, wanted),
                          recoloured(blue, blue_of, w, cover, wanted), Bytes(), pixels);
  }
}

const EdgeKernels& edge_table() {
  static const EdgeKernels table = {refine, recolour, kScalarEdgeKernels.recolour_deep};
  return table;
}

#else

const EdgeKernels& edge_table() {
  return kScalarEdgeKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {
namespace {

void scalar_refine(const float* left, const float* right, const float* weights, const std::uint8_t* rgb, int count,
                   float* matte) {
  for (int x = 0; x < count; ++x, rgb += 3) {
    const float bilinear = matte[x];
    const float doubt = std::min(bilinear, 1.0F - bilinear);
    if (doubt <= kCertain) continue;
    float detail[kDetail];
    for (int i = 0; i < kDetail; ++i) detail[i] = left[i] + weights[x] * (right[i] - left[i]);
    float change = detail[0];
    for (int c = 0; c < 3; ++c) {
      change += detail[1 + c] * (static_cast<float>(rgb[c]) * (1.0F / 255.0F) - detail[4 + c]);
    }
    const float guided = std::clamp(bilinear + change, 0.0F, 1.0F);
    const float weight = std::min((doubt - kCertain) / (kUncertain - kCertain), 1.0F);
    matte[x] = bilinear + weight * (guided - bilinear);
  }
}

int eight_bits(std::uint8_t value) {
  return value;
}

int eight_bits(std::uint16_t value) {
  return static_cast<int>((value * 255U + 32895U) >> 16U);  // as to_u8() rounds
}

template <typename T>
void scalar_recolour(const float* left, const float* right, const float* weights, const float* alpha, int count,
                     T* rgb) {
  for (int x = 0; x < count; ++x, rgb += 3) {
    const float cover = alpha[x];
    if (cover <= kClear || cover >= kOpaque) continue;
    float colours[kColours];
    for (int i = 0; i < kColours; ++i) colours[i] = left[i] + weights[x] * (right[i] - left[i]);
    for (int c = 0; c < 3; ++c) {
      const int observed = eight_bits(rgb[c]);
      const float foreground = 255.0F * colours[c], background = 255.0F * colours[4 + c];
      const float unexplained = static_cast<float>(observed) - cover * foreground - (1.0F - cover) * background;
      const int colour = static_cast<int>(std::clamp(foreground + cover * unexplained, 0.0F, 255.0F) + 0.5F);
      if constexpr (sizeof(T) == 1) {
        rgb[c] = static_cast<T>(colour);
      } else {
        rgb[c] = static_cast<T>(std::clamp(rgb[c] + 257 * (colour - observed), 0, 65535));
      }
    }
  }
}

}  // namespace

const EdgeKernels kScalarEdgeKernels = {scalar_refine, scalar_recolour<std::uint8_t>, scalar_recolour<std::uint16_t>};

HWY_EXPORT(edge_table);

const EdgeKernels& edge_kernels() {
  return simd_is_off() ? kScalarEdgeKernels : HWY_DYNAMIC_DISPATCH(edge_table)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
