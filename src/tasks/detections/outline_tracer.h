// The closed lines between the pixels inside and outside of a mask.
#pragma once

#include <cstdint>
#include <vector>

#include "pixmill/core/run_mask.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::tasks {

struct Loop {
  Polygon corners;        // on the corners of pixels; every second line is vertical
  std::int64_t area = 0;  // pixels in it; negative: the loop is around a hole
};

// In the order of their leftmost, then uppermost pixel edge. Pixels that touch at a corner are joined. Takes time and
// memory by the number of runs, not of pixels.
std::vector<Loop> trace(const RunMask& mask);

}  // namespace pixmill::tasks
