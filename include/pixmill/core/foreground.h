// The subject's own colours.
#pragma once

#include "pixmill/core/image.h"

namespace pixmill {

// `photo` (u8 RGB) with the old background taken out of half-covered pixels: u8 RGB, which laid over any background
// with `alpha` (f32, 1 channel, 0..1, same size) shows no fringe. Pixels whose alpha is 1 stay bit for bit; pixels
// whose alpha is 0 too, as they are invisible.
//
// Foreground and background colours are solved together on a pyramid (multi-level estimation, Germer et al. 2020) of a
// reduced picture; the photo's own detail comes back in half-covered pixels only. The time for the first part does not
// grow with the photo.
// Throws Error{out_of_memory}.
Image estimate_foreground(ImageView photo, ImageView alpha);

}  // namespace pixmill
