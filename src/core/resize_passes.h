// The two passes of separable resampling and convolution.
#pragma once

#include "core/resize_taps.h"
#include "pixmill/core/image.h"

namespace pixmill {

// `source` (u8 or f32, any channels, each on its own) through `across` and `down`, in the order that Pillow takes;
// an empty Taps (no outputs) leaves its direction as it is, at least one must be given. u8 is rounded after each pass.
Image resample(ImageView source, const Taps& across, const Taps& down);

}  // namespace pixmill
