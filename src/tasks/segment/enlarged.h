// Masks of a picture from a small map of values: bilinear between its samples, without the picture's pixels.
#pragma once

#include <algorithm>
#include <vector>

#include "pixmill/core/run_mask.h"
#include "pixmill/tasks/model_input.h"

namespace pixmill::tasks {

// How pixels lie over the samples of a map, in one direction: the middle of pixel i is at scale * (i + 0.5) + offset,
// where sample k is at k, and not before sample `first` or behind sample `last`.
struct Axis {
  double scale = 1, offset = -0.5;
  int first = 0, last = 0;

  double at(int pixel) const;  // in first..last
};

struct Grid {
  Axis across, down;
};

// Of a picture over a map of the model's input: the samples of the padding are left out first.
Grid grid_of(const Placement& placed, Size picture, Size map);

// The samples between which the pixels of `window` lie. It has pixels.
Rect samples_for(const Grid& grid, const Rect& window);

// Walks over the pixel columns from `begin` to before `end`: move_to(left, right) says between which columns of
// `samples`, counted from its first one, the next pixels lie; visit(x, share) where one lies: 0 at the left column, 1
// at the right one.
template <typename MoveTo, typename Visit>
void for_columns(const Rect& samples, const Grid& grid, int begin, int end, MoveTo move_to, Visit visit) {
  const int last = samples.width - 1;
  int current = -1;
  for (int x = begin; x < end; ++x) {
    const double at = grid.across.at(x) - samples.x;
    const int left = std::min(static_cast<int>(at), last);
    if (left != current) move_to(left, std::min(left + 1, last));
    current = left;
    visit(x, static_cast<float>(at - left));
  }
}

// No value of a map may be larger, so that differences stay finite.
inline constexpr float kLargestValue = 1e38F;

// Values of the samples of `samples`, column by column.
struct Map {
  Rect samples;
  std::vector<float> values;
};

// The pixels of `window` where the map is above 0; `map` has samples_for() the window. Within a column the value is
// linear between two samples, so that a run is found by where it crosses 0; only the cells of the map with both signs
// at their corners are looked at.
RunMask above_zero(const Map& map, const Grid& grid, const Rect& window, Size picture);

}  // namespace pixmill::tasks
