// The inner loops of resampling. Both passes are one kernel: weighted sums of whole rows. The horizontal pass runs on a
// transposed strip of the picture, whose rows are the picture's columns, so that it needs no gathers and no sums across
// a vector, whatever the number of channels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/resize_taps.h"

namespace pixmill {

// A grid of samples; rows lie `stride` samples apart.
template <typename T>
struct Grid {
  T* data;
  std::size_t stride;

  T* row(std::ptrdiff_t y) const { return data + y * static_cast<std::ptrdiff_t>(stride); }
};

struct ResizeKernels {
  int strip_u8;  // rows that fill a vector: how high strips for the horizontal pass should be
  int strip_f32;

  // Row i of `to` becomes the weighted sum of `from`'s rows first[i] .. first[i] + count[i] - 1, for all outputs;
  // `samples` values in each row. u8: rounded, clipped to 0..255.
  void (*weigh_u8)(const FixedTaps& taps, Grid<const std::uint8_t> from, Grid<std::uint8_t> to, std::size_t samples);
  void (*weigh_f32)(const FloatTaps& taps, Grid<const float> from, Grid<float> to, std::size_t samples);

  // `from`, `rows` x `columns`, becomes `to`, `columns` x `rows`.
  void (*transpose_u8)(Grid<const std::uint8_t> from, int rows, int columns, Grid<std::uint8_t> to);
  void (*transpose_f32)(Grid<const float> from, int rows, int columns, Grid<float> to);
};

// The kernels of the SIMD target in use, see simd.h.
const ResizeKernels& resize_kernels();

// Their scalar twins.
extern const ResizeKernels kScalarResizeKernels;

}  // namespace pixmill
