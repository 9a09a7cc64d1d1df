#include "core/blur_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/blur_kernels.cc"
#include "core/simd_targets.h"
// After the list of targets:
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/simd.h"

#ifndef PIXMILL_CORE_BLUR_WINDOW
#define PIXMILL_CORE_BLUR_WINDOW
namespace pixmill {

// Moves the window down one row: for each row y, `step(y, enters, leaves)` with the row that comes in and the row that
// goes out.
template <typename Step>
void slide_window(int rows, int radius, Step step) {
  for (int y = 0; y < rows; ++y) step(y, std::min(y + radius, rows - 1), std::max(y - radius - 1, 0));
}

// The sums of the window above the first row, before its last row comes in and one of row 0 goes out.
inline void start_sums(Grid<const float> from, int rows, std::size_t samples, int radius, double* sums) {
  for (std::size_t x = 0; x < samples; ++x) sums[x] = (radius + 1.0) * static_cast<double>(from.row(0)[x]);
  for (int y = 0; y < std::min(radius, rows); ++y) {
    for (std::size_t x = 0; x < samples; ++x) sums[x] += static_cast<double>(from.row(y)[x]);
  }
  if (radius > rows) {
    const double below = radius - rows;
    for (std::size_t x = 0; x < samples; ++x) sums[x] += below * static_cast<double>(from.row(rows - 1)[x]);
  }
}

}  // namespace pixmill
#endif  // PIXMILL_CORE_BLUR_WINDOW

HWY_BEFORE_NAMESPACE();
namespace pixmill {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if PIXMILL_HAVE_VECTORS

void running_mean(Grid<const float> from, Grid<float> to, int rows, std::size_t samples, int radius, double* sums) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> floats;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = samples / lanes * lanes;
  const auto share = hn::Set(d, 1.0 / (2 * radius + 1));
  start_sums(from, rows, whole, radius, sums);
  slide_window(rows, radius, [&](int y, int enters, int leaves) HWY_ATTR {
    float* out = to.row(y);
    for (std::size_t x = 0; x < whole; x += lanes) {
      auto sum = hn::LoadU(d, sums + x);
      sum = hn::Add(sum, hn::PromoteTo(d, hn::LoadU(floats, from.row(enters) + x)));
      sum = hn::Sub(sum, hn::PromoteTo(d, hn::LoadU(floats, from.row(leaves) + x)));
      hn::StoreU(sum, d, sums + x);
      hn::StoreU(hn::DemoteTo(floats, hn::Mul(sum, share)), floats, out + x);
    }
  });
  if (whole < samples) {
    kScalarBlurKernels.running_mean({from.data + whole, from.stride}, {to.data + whole, to.stride}, rows,
                                    samples - whole, radius, sums);
  }
}

const BlurKernels& blur_table() {
  static constexpr BlurKernels table = {running_mean};
  return table;
}

#else

const BlurKernels& blur_table() {
  return kScalarBlurKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {
namespace {

void scalar_running_mean(Grid<const float> from, Grid<float> to, int rows, std::size_t samples, int radius,
                         double* sums) {
  const double share = 1.0 / (2 * radius + 1);
  start_sums(from, rows, samples, radius, sums);
  slide_window(rows, radius, [&](int y, int enters, int leaves) {
    for (std::size_t x = 0; x < samples; ++x) {
      sums[x] += static_cast<double>(from.row(enters)[x]);
      sums[x] -= static_cast<double>(from.row(leaves)[x]);
      to.row(y)[x] = static_cast<float>(sums[x] * share);
    }
  });
}

}  // namespace

const BlurKernels kScalarBlurKernels = {scalar_running_mean};

HWY_EXPORT(blur_table);

const BlurKernels& blur_kernels() {
  return simd_is_off() ? kScalarBlurKernels : HWY_DYNAMIC_DISPATCH(blur_table)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
