// The inner loop of wide blurs: running sums down the rows of a grid. The horizontal direction uses it on a transposed
// strip, as resampling does.
#pragma once

#include <cstddef>

#include "core/resize_kernels.h"

namespace pixmill {

struct BlurKernels {
  // Row y of `to` becomes the mean of `from`'s rows y - radius .. y + radius, for `rows` rows of `samples` values;
  // above and below them the first and the last continue. `sums`: room for `samples` doubles.
  void (*running_mean)(Grid<const float> from, Grid<float> to, int rows, std::size_t samples, int radius, double* sums);
};

const BlurKernels& blur_kernels();

extern const BlurKernels kScalarBlurKernels;

}  // namespace pixmill
