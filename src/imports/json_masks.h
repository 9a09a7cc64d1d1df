// Masks in JSON.
#pragma once

#include "imports/fields.h"
#include "pixmill/core/run_mask.h"

namespace pixmill::imports {

// {"size": [height, width], "counts": "..." or [n, n, ...]}. Throws Error{corrupt}.
RunMask coco_mask(const Fields& mask);

}  // namespace pixmill::imports
