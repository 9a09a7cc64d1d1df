// A soft shadow on the ground under the subject.
#pragma once

#include "pixmill/core/image.h"

namespace pixmill::tasks {

// How far the shadow of a subject of that size reaches, in pixels.
struct ShadowReach {
  int side = 0;   // beyond its box, left and right
  int below = 0;  // beyond its lower edge
  int above = 0;  // from its lower edge up, behind the subject
};

ShadowReach shadow_reach(Size subject);

// Lays a shadow behind the subject of `picture` (RGBA; u8, u16), as if light came from above: dark and narrow where the
// lowest part stands, wide and faint under the whole. What lies beyond the picture is cut off; no subject, no shadow.
void cast_shadow(Image& picture);

}  // namespace pixmill::tasks
