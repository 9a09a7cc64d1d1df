// The short text that COCO's tools write for a mask: "counts" of a segmentation.
#pragma once

#include <string>

#include "pixmill/core/run_mask.h"

namespace pixmill::exports {

// Each run from the fourth on is its difference to the run two before; each number is signed, five bits a character
// from the lowest on, with 32 where more follow, and 48 added: pycocotools' rleToString().
std::string coco_counts(const RunMask& mask);

// {"size":[height,width],"counts":"..."}
std::string coco_rle(const RunMask& mask);

}  // namespace pixmill::exports
