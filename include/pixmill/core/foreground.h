// The subject's own colours.
#pragma once

#include "pixmill/core/image.h"
#include "pixmill/core/matte.h"

namespace pixmill {

// `photo` (RGB; u8, u16) with the old background taken out of half-covered pixels: colours which laid over any
// background with `matte` (same size) show no fringe. Pixels whose alpha is 1 stay bit for bit; pixels whose alpha is 0
// too, as they are invisible. 16-bit colours are shifted by what the estimate changes of their upper 8 bits.
//
// Foreground and background colours are solved together on a pyramid (multi-level estimation, Germer et al. 2020) of a
// reduced picture; the photo's own detail comes back in half-covered pixels only. So the time grows with these, not
// with the photo.
// Throws Error{out_of_memory}.
Image estimate_foreground(Image photo, const Matte& matte);

}  // namespace pixmill
