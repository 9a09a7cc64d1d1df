#include <algorithm>

#include "core/resize_kernels.h"

namespace pixmill {
namespace {

void weigh_u8(const FixedTaps& taps, Grid<const std::uint8_t> from, Grid<std::uint8_t> to, std::size_t samples) {
  for (int i = 0; i < taps.outputs(); ++i) {
    const std::int32_t* weight = &taps.weight[static_cast<std::size_t>(i) * taps.width];
    for (std::size_t x = 0; x < samples; ++x) {
      std::uint32_t sum = 1U << (FixedTaps::kBits - 1);
      for (int k = 0; k < taps.count[i]; ++k) {
        sum += static_cast<std::uint32_t>(weight[k]) * from.row(taps.first[i] + k)[x];
      }
      const std::int32_t value = static_cast<std::int32_t>(sum) >> FixedTaps::kBits;
      to.row(i)[x] = static_cast<std::uint8_t>(std::clamp(value, 0, 255));
    }
  }
}

void weigh_f32(const FloatTaps& taps, Grid<const float> from, Grid<float> to, std::size_t samples) {
  for (int i = 0; i < taps.outputs(); ++i) {
    const float* weight = &taps.weight[static_cast<std::size_t>(i) * taps.width];
    for (std::size_t x = 0; x < samples; ++x) {
      float sum = 0.0F;
      for (int k = 0; k < taps.count[i]; ++k) sum += weight[k] * from.row(taps.first[i] + k)[x];
      to.row(i)[x] = sum;
    }
  }
}

template <typename T>
void transpose(Grid<const T> from, int rows, int columns, Grid<T> to) {
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) to.row(x)[y] = from.row(y)[x];
  }
}

}  // namespace

const ResizeKernels kScalarResizeKernels = {16, 16, weigh_u8, weigh_f32, transpose<std::uint8_t>, transpose<float>};

}  // namespace pixmill
