// Smoothing.
#pragma once

#include "pixmill/core/image.h"

namespace pixmill {

// `image` (u8 or f32, 1, 3 or 4 channels) blurred by a Gaussian of standard deviation `sigma` pixels; beyond the border
// the nearest pixel continues. Every channel on its own: premultiply first where alpha matters. Up to kExactSigma the
// kernel is the sampled Gaussian, above it three running means whose variances add up to sigma^2, so that the time does
// not grow with sigma. sigma <= 0 copies. Throws Error{unsupported} for u16, Error{out_of_memory}.
Image gaussian_blur(ImageView image, float sigma);

inline constexpr float kExactSigma = 6.0F;

}  // namespace pixmill
