#include "core/guided_kernels.h"

#include <array>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/guided_kernels.cc"
#include "core/simd_targets.h"
// After the list of targets:
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/simd.h"

#ifndef PIXMILL_CORE_GUIDED_KERNELS
#define PIXMILL_CORE_GUIDED_KERNELS
namespace pixmill {

// Which planes of pixels each of the moments behind the first four is the product of.
inline constexpr int kFactors[kGuidedMoments - kGuidedPixel][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2},
                                                                   {2, 2}, {0, 3}, {1, 3}, {2, 3}};

}  // namespace pixmill
#endif  // PIXMILL_CORE_GUIDED_KERNELS

HWY_BEFORE_NAMESPACE();
namespace pixmill {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if PIXMILL_HAVE_VECTORS

using Floats = hn::CappedTag<float, kGuidedColumns>;
using Vector = hn::Vec<Floats>;
using Bytes = hn::Rebind<std::uint8_t, Floats>;
using Ints = hn::RebindToSigned<Floats>;

HWY_INLINE Vector level_of(hn::Vec<Bytes> bytes) {
  const Floats d;
  return hn::Mul(hn::ConvertTo(d, hn::PromoteTo(Ints(), bytes)), hn::Set(d, 1.0F / 255.0F));
}

void split(const std::uint8_t* rgb, int count, Grid<float> planes) {
  const Floats d;
  for (int x = 0; x < count; x += static_cast<int>(hn::Lanes(d))) {
    hn::Vec<Bytes> red, green, blue;
    hn::LoadInterleaved3(Bytes(), rgb + 3 * static_cast<std::ptrdiff_t>(x), red, green, blue);
    hn::StoreU(level_of(red), d, planes.row(0) + x);
    hn::StoreU(level_of(green), d, planes.row(1) + x);
    hn::StoreU(level_of(blue), d, planes.row(2) + x);
  }
}

void add_moments(Grid<const float> pixels, int rows, int columns, Grid<float> sums) {
  const Floats d;
  for (int x = 0; x < columns; x += static_cast<int>(hn::Lanes(d))) {
    Vector sum[kGuidedMoments];
    for (Vector& each : sum) each = hn::Zero(d);
    for (int y = 0; y < rows; ++y) {
      Vector pixel[kGuidedPixel];
      for (int k = 0; k < kGuidedPixel; ++k) {
        pixel[k] = hn::LoadU(d, pixels.row(kGuidedPixel * y + k) + x);
        sum[k] = hn::Add(sum[k], pixel[k]);
      }
      for (int k = kGuidedPixel; k < kGuidedMoments; ++k) {
        const int* const of = kFactors[k - kGuidedPixel];
        sum[k] = hn::MulAdd(pixel[of[0]], pixel[of[1]], sum[k]);
      }
    }
    for (int k = 0; k < kGuidedMoments; ++k) hn::StoreU(sum[k], d, sums.row(k) + x);
  }
}

// Means over the windows around column x and the lanes behind it.
template <int kPlanes>
HWY_INLINE void means_at(int x, Grid<const float> sums, const float* inverse, int radius, Vector (&mean)[kPlanes]) {
  const Floats d;
  for (int k = 0; k < kPlanes; ++k) mean[k] = hn::LoadU(d, sums.row(k) + x - radius);
  for (int i = 1 - radius; i <= radius; ++i) {
    for (int k = 0; k < kPlanes; ++k) mean[k] = hn::Add(mean[k], hn::LoadU(d, sums.row(k) + x + i));
  }
  const Vector share = hn::LoadU(d, inverse + x);
  for (Vector& each : mean) each = hn::Mul(each, share);
}

void fit(Grid<const float> moments, const float* inverse, int radius, float epsilon, int columns, Grid<float> fits) {
  const Floats d;
  const Vector one = hn::Set(d, 1.0F), more = hn::Set(d, epsilon);
  for (int x = 0; x < columns; x += static_cast<int>(hn::Lanes(d))) {
    Vector mean[kGuidedMoments];
    means_at(x, moments, inverse, radius, mean);
    for (int k = kGuidedPixel; k < kGuidedMoments; ++k) {  // means of products become covariances
      const int* const of = kFactors[k - kGuidedPixel];
      mean[k] = hn::NegMulAdd(mean[of[0]], mean[of[1]], mean[k]);
    }
    const Vector rr = mean[4], rg = mean[5], rb = mean[6], gg = mean[7], gb = mean[8], bb = mean[9];
    const Vector r = mean[10], g = mean[11], b = mean[12];
    const Vector d0 = hn::Div(one, hn::Add(rr, more));
    const Vector l10 = hn::Mul(rg, d0), l20 = hn::Mul(rb, d0);
    const Vector d1 = hn::Div(one, hn::NegMulAdd(l10, rg, hn::Add(gg, more)));
    const Vector rest = hn::NegMulAdd(l20, rg, gb);
    const Vector l21 = hn::Mul(rest, d1);
    const Vector d2 = hn::NegMulAdd(l21, rest, hn::NegMulAdd(l20, rb, hn::Add(bb, more)));
    const Vector y1 = hn::NegMulAdd(l10, r, g);
    const Vector blue = hn::Div(hn::NegMulAdd(l21, y1, hn::NegMulAdd(l20, r, b)), d2);
    const Vector green = hn::NegMulAdd(l21, blue, hn::Mul(y1, d1));
    const Vector red = hn::NegMulAdd(l20, blue, hn::NegMulAdd(l10, green, hn::Mul(r, d0)));
    const Vector explained = hn::MulAdd(blue, mean[2], hn::MulAdd(green, mean[1], hn::Mul(red, mean[0])));
    hn::StoreU(red, d, fits.row(0) + x);
    hn::StoreU(green, d, fits.row(1) + x);
    hn::StoreU(blue, d, fits.row(2) + x);
    hn::StoreU(hn::Sub(mean[3], explained), d, fits.row(3) + x);
  }
}

void add_fits(Grid<const float> fits, int rows, int columns, Grid<float> sums) {
  const Floats d;
  for (int k = 0; k < kGuidedFit; ++k) {
    for (int x = 0; x < columns; x += static_cast<int>(hn::Lanes(d))) {
      Vector sum = hn::LoadU(d, fits.row(k) + x);
      for (int y = 1; y < rows; ++y) sum = hn::Add(sum, hn::LoadU(d, fits.row(kGuidedFit * y + k) + x));
      hn::StoreU(sum, d, sums.row(k) + x);
    }
  }
}

void detail(Grid<const float> sums, const float* inverse, int radius, Grid<const float> pixels, float pull, int count,
            Detail* details) {
  const Floats d;
  const hn::FixedTag<float, 4> half;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int x = 0;
  for (; x + lanes <= count; x += lanes) {
    Vector mean[kGuidedFit], pixel[kGuidedPixel];
    means_at(x, sums, inverse, radius, mean);
    for (int k = 0; k < kGuidedPixel; ++k) pixel[k] = hn::LoadU(d, pixels.row(k) + x);
    Vector fitted = mean[3];
    for (int c = 0; c < 3; ++c) fitted = hn::MulAdd(mean[c], pixel[c], fitted);
    const Vector shift = hn::Mul(hn::Set(d, pull), hn::Sub(fitted, pixel[3]));
    HWY_ALIGN float first[4 * kGuidedColumns], second[4 * kGuidedColumns];
    hn::StoreInterleaved4(shift, mean[0], mean[1], mean[2], d, first);
    hn::StoreInterleaved4(pixel[0], pixel[1], pixel[2], hn::Zero(d), d, second);
    float* to = &details[x].shift;
    for (int i = 0; i < 4 * lanes; i += 4, to += kDetail) {
      hn::StoreU(hn::Load(half, first + i), half, to);
      hn::StoreU(hn::Load(half, second + i), half, to + 4);
    }
  }
  kScalarGuidedKernels.detail({sums.data + x, sums.stride}, inverse + x, radius, {pixels.data + x, pixels.stride}, pull,
                              count - x, details + x);
}

const GuidedKernels& guided_table() {
  static constexpr GuidedKernels table = {split, add_moments, fit, add_fits, detail};
  return table;
}

#else

const GuidedKernels& guided_table() {
  return kScalarGuidedKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {
namespace {

void scalar_split(const std::uint8_t* rgb, int count, Grid<float> planes) {
  for (int x = 0; x < count; ++x, rgb += 3) {
    for (int c = 0; c < 3; ++c) planes.row(c)[x] = static_cast<float>(rgb[c]) * (1.0F / 255.0F);
  }
}

void scalar_add_moments(Grid<const float> pixels, int rows, int columns, Grid<float> sums) {
  for (int x = 0; x < columns; ++x) {
    std::array<float, kGuidedMoments> sum{};
    for (int y = 0; y < rows; ++y) {
      const auto pixel = [&](int k) { return pixels.row(kGuidedPixel * y + k)[x]; };
      for (int k = 0; k < kGuidedPixel; ++k) sum[k] += pixel(k);
      for (int k = kGuidedPixel; k < kGuidedMoments; ++k) {
        const int* const of = kFactors[k - kGuidedPixel];
        sum[k] += pixel(of[0]) * pixel(of[1]);
      }
    }
    for (int k = 0; k < kGuidedMoments; ++k) sums.row(k)[x] = sum[k];
  }
}

float mean_at(int x, const float* sums, const float* inverse, int radius) {
  float sum = 0.0F;
  for (int i = -radius; i <= radius; ++i) sum += sums[x + i];
  return sum * inverse[x];
}

// Solves (S + epsilon) slope = v by S = L D L^T, which stays accurate in float where colours are nearly gray and S
// nearly singular.
void scalar_fit(Grid<const float> moments, const float* inverse, int radius, float epsilon, int columns,
                Grid<float> fits) {
  for (int x = 0; x < columns; ++x) {
    std::array<float, kGuidedMoments> mean{};
    for (int k = 0; k < kGuidedMoments; ++k) mean[k] = mean_at(x, moments.row(k), inverse, radius);
    for (int k = kGuidedPixel; k < kGuidedMoments; ++k) {  // means of products become covariances
      const int* const of = kFactors[k - kGuidedPixel];
      mean[k] -= mean[of[0]] * mean[of[1]];
    }
    const auto [red, green, blue, level, rr, rg, rb, gg, gb, bb, r, g, b] = mean;
    const float d0 = 1.0F / (rr + epsilon);
    const float l10 = rg * d0;
    const float l20 = rb * d0;
    const float d1 = 1.0F / (gg + epsilon - l10 * rg);
    const float rest = gb - l20 * rg;
    const float l21 = rest * d1;
    const float d2 = bb + epsilon - l20 * rb - l21 * rest;
    const float y1 = g - l10 * r;
    const float slope_b = (b - l20 * r - l21 * y1) / d2;
    const float slope_g = y1 * d1 - l21 * slope_b;
    const float slope_r = r * d0 - l10 * slope_g - l20 * slope_b;
    fits.row(0)[x] = slope_r;
    fits.row(1)[x] = slope_g;
    fits.row(2)[x] = slope_b;
    fits.row(3)[x] = level - (slope_r * red + slope_g * green + slope_b * blue);
  }
}

void scalar_add_fits(Grid<const float> fits, int rows, int columns, Grid<float> sums) {
  for (int k = 0; k < kGuidedFit; ++k) {
    for (int x = 0; x < columns; ++x) {
      float sum = 0.0F;
      for (int y = 0; y < rows; ++y) sum += fits.row(kGuidedFit * y + k)[x];
      sums.row(k)[x] = sum;
    }
  }
}

void scalar_detail(Grid<const float> sums, const float* inverse, int radius, Grid<const float> pixels, float pull,
                   int count, Detail* details) {
  for (int x = 0; x < count; ++x) {
    Detail& out = details[x];
    float fitted = mean_at(x, sums.row(3), inverse, radius);
    for (int c = 0; c < 3; ++c) {
      out.slope[c] = mean_at(x, sums.row(c), inverse, radius);
      out.guide[c] = pixels.row(c)[x];
      fitted += out.slope[c] * out.guide[c];
    }
    out.shift = pull * (fitted - pixels.row(3)[x]);
    out.unused = 0.0F;
  }
}

}  // namespace

const GuidedKernels kScalarGuidedKernels = {scalar_split, scalar_add_moments, scalar_fit, scalar_add_fits,
                                            scalar_detail};

HWY_EXPORT(guided_table);

const GuidedKernels& guided_kernels() {
  return simd_is_off() ? kScalarGuidedKernels : HWY_DYNAMIC_DISPATCH(guided_table)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
