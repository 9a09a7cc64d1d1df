// How the masks of two results are compared.
#pragma once

#include <span>
#include <vector>

#include "pixmill/tasks/comparison.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::tasks {

extern const Comparison kMasks;

// The mean IoU of the masks of things with the best one of the same label on the other side (0 where there is none),
// both ways: 0..1; 1 where there are none. A thing counts from a score of 0.25 on; its partner may be weaker by 0.05,
// or things at the limit would come and go with the last digit.
double mean_mask_iou(const std::vector<Detection>& reference, const std::vector<Detection>& got);

}  // namespace pixmill::tasks
