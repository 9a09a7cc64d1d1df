// How the boxes of two results are compared.
#pragma once

#include <span>

#include "pixmill/tasks/boxes.h"
#include "pixmill/tasks/comparison.h"

namespace pixmill::tasks {

extern const Comparison kBoxes;

// The share of boxes with a partner (same label, IoU of at least 0.9) on the other side, both ways: 0..1; 1 where there
// are none. A box counts from a score of 0.25 on; its partner may be weaker by 0.05, or boxes at the limit would come
// and go with the last digit.
double matched_share(std::span<const Box> reference, std::span<const Box> got);

}  // namespace pixmill::tasks
