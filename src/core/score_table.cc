#include "pixmill/core/score_table.h"

#include <algorithm>
#include <cassert>

#include "core/box_kernels.h"

namespace pixmill {

bool all_finite(std::span<const float> values) {
  return box_kernels().all_finite(values.data(), values.size());
}

float largest_of(std::span<const float> values) {
  assert(!values.empty());
  return box_kernels().largest(values.data(), values.size());
}

void largest_of_columns(std::span<const float> table, std::size_t rows, std::span<float> largest) {
  const std::size_t columns = largest.size();
  assert(rows > 0 && table.size() >= rows * columns);
  constexpr std::size_t kStrip = 2048;  // columns whose largest values stay in the first cache
  const BoxKernels& kernels = box_kernels();
  for (std::size_t from = 0; from < columns; from += kStrip) {
    const std::size_t count = std::min(kStrip, columns - from);
    const float* row = table.data() + from;
    std::copy_n(row, count, largest.data() + from);
    for (std::size_t r = 1; r < rows; ++r) kernels.raise(row + r * columns, count, largest.data() + from);
  }
}

}  // namespace pixmill
