// The two passes of separable resampling and convolution.
#pragma once

#include "core/resize_taps.h"
#include "pixmill/core/image.h"

namespace pixmill {

// `source` (u8 or f32, any channels, each on its own) through `across` and `down`, in the order that Pillow takes;
// an empty Taps (no outputs) leaves its direction as it is, at least one must be given. u8 is rounded after each pass.
Image resample(ImageView source, const Taps& across, const Taps& down);

// The same of a part of a picture, where the whole decides whether they go down first.
Image resample(ImageView source, const Taps& across, const Taps& down, bool down_first);

// The order in which Pillow 13 runs the passes. Rounding after each pass makes it visible in u8.
bool goes_down_first(Size from, Size to);

}  // namespace pixmill
