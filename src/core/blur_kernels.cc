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

// Moves the window down one row: for each row y, `step(y, enters, leaves, held)` with the row that comes in, the row
// that goes out (-1 for none) and the rows that the window then holds.
template <typename Step>
void slide_window(int rows, int radius, Edge edge, Step step) {
  const int last = rows - 1;
  for (int y = 0; y < rows; ++y) {
    const int in = y + radius;
    const int out = y - radius - 1;
    if (edge == Edge::extend) {
      step(y, std::min(in, last), std::max(out, 0), 2 * radius + 1);
    } else {
      step(y, in <= last ? in : -1, out >= 0 ? out : -1, std::min(in, last) - std::max(out + 1, 0) + 1);
    }
  }
}

// The sums of the window above the first row, before its last row comes in and (Edge::extend) one of row 0 goes out.
inline void start_sums(Grid<const float> from, int rows, std::size_t samples, int radius, Edge edge, double* sums) {
  const int last = rows - 1;
  const double above = edge == Edge::extend ? radius + 1.0 : 0.0;
  for (std::size_t x = 0; x < samples; ++x) sums[x] = above * static_cast<double>(from.row(0)[x]);
  for (int y = 0; y < std::min(radius, rows); ++y) {
    for (std::size_t x = 0; x < samples; ++x) sums[x] += static_cast<double>(from.row(y)[x]);
  }
  if (edge == Edge::extend && radius > rows) {
    const double below = radius - rows;
    for (std::size_t x = 0; x < samples; ++x) sums[x] += below * static_cast<double>(from.row(last)[x]);
  }
}

}  // namespace pixmill
#endif  // PIXMILL_CORE_BLUR_WINDOW

HWY_BEFORE_NAMESPACE();
namespace pixmill {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if PIXMILL_HAVE_VECTORS

void running_mean(Grid<const float> from, Grid<float> to, int rows, std::size_t samples, int radius, Edge edge,
                  double* sums) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> floats;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = samples / lanes * lanes;
  start_sums(from, rows, whole, radius, edge, sums);
  slide_window(rows, radius, edge, [&](int y, int enters, int leaves, int held) HWY_ATTR {
    const auto share = hn::Set(d, 1.0 / held);
    float* out = to.row(y);
    for (std::size_t x = 0; x < whole; x += lanes) {
      auto sum = hn::LoadU(d, sums + x);
      if (enters >= 0) sum = hn::Add(sum, hn::PromoteTo(d, hn::LoadU(floats, from.row(enters) + x)));
      if (leaves >= 0) sum = hn::Sub(sum, hn::PromoteTo(d, hn::LoadU(floats, from.row(leaves) + x)));
      hn::StoreU(sum, d, sums + x);
      hn::StoreU(hn::DemoteTo(floats, hn::Mul(sum, share)), floats, out + x);
    }
  });
  if (whole < samples) {
    kScalarBlurKernels.running_mean({from.data + whole, from.stride}, {to.data + whole, to.stride}, rows,
                                    samples - whole, radius, edge, sums);
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

void scalar_running_mean(Grid<const float> from, Grid<float> to, int rows, std::size_t samples, int radius, Edge edge,
                         double* sums) {
  start_sums(from, rows, samples, radius, edge, sums);
  slide_window(rows, radius, edge, [&](int y, int enters, int leaves, int held) {
    const double share = 1.0 / held;
    for (std::size_t x = 0; x < samples; ++x) {
      if (enters >= 0) sums[x] += static_cast<double>(from.row(enters)[x]);
      if (leaves >= 0) sums[x] -= static_cast<double>(from.row(leaves)[x]);
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
