// The loops over boxes and scores. Declared here for the tests.
#pragma once

#include <cstddef>

#include "pixmill/core/kept_boxes.h"

namespace pixmill {

struct BoxKernels {
  // Whether a box of the chain that begins at `first` has an IoU with `box` above `overlap`.
  bool (*covers)(const BoxBlock* blocks, std::int32_t first, const Sides& box, double overlap);
  bool (*all_finite)(const float* values, std::size_t count);
  float (*largest)(const float* values, std::size_t count);  // at least one
  // largest[i] = max(largest[i], values[i])
  void (*raise)(const float* values, std::size_t count, float* largest);
};

const BoxKernels& box_kernels();

extern const BoxKernels kScalarBoxKernels;

}  // namespace pixmill
