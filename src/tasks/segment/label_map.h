// A class for every pixel, from values of every class on a coarse map.
#pragma once

#include <cstddef>
#include <vector>

#include "pixmill/core/run_mask.h"
#include "tasks/segment/enlarged.h"

namespace pixmill::tasks {

// Values of `classes` classes on the samples of `samples`, column by column, those of one sample side by side.
struct ClassMap {
  Rect samples;
  std::size_t classes = 0;
  std::vector<float> values;

  // Of a sample; column and row are counted from the first one.
  std::size_t index(int column, int row) const {
    return static_cast<std::size_t>(column) * static_cast<std::size_t>(samples.height) + static_cast<std::size_t>(row);
  }
  const float* at(int column, int row) const { return values.data() + index(column, row) * classes; }
};

// The class with the largest value of each sample, column by column; of equal ones the first.
std::vector<int> largest_of(const ClassMap& map);

// For each class the pixels of the picture where its interpolated value is the largest (of equal ones the first class
// has it). `largest`: of the samples. Where the four samples around have one class it is that of all pixels between, as
// interpolation is linear; only the other cells are looked at pixel by pixel. No mask where a class has no pixel, and
// for the class `skip` (-1: none).
std::vector<RunMask> masks_of(const ClassMap& map, const std::vector<int>& largest, const Grid& grid, Size picture,
                              int skip);

}  // namespace pixmill::tasks
