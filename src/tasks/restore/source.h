// A picture in the parts that are restored apart.
#pragma once

#include "pixmill/core/image.h"

namespace pixmill::tasks {

struct RestoreSource {
  Image colours;  // 1 or 3 channels, u8 or u16
  Image alpha;    // 1 channel of the same type; empty where there is none

  Size size() const { return colours.size(); }
};

// `picture`: u8 or u16; 1, 3 or 4 channels. Pixels that are wholly transparent get the colour of the nearest one that
// is not, as a model would draw what is hidden there, black mostly, into the edge.
RestoreSource take_apart_for_restore(Image picture);

}  // namespace pixmill::tasks
