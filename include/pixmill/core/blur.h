// Smoothing: Gaussian for pictures, mean filter for statistics over windows.
#pragma once

#include "pixmill/core/image.h"

namespace pixmill {

// `image` (u8 or f32, 1, 3 or 4 channels) blurred by a Gaussian of standard deviation `sigma` pixels; beyond the border
// the nearest pixel continues. Every channel on its own: premultiply first where alpha matters. Up to kExactSigma the
// kernel is the sampled Gaussian, above it three running means whose variances add up to sigma^2, so that the time does
// not grow with sigma. sigma <= 0 copies. Throws Error{unsupported} for u16, Error{out_of_memory}.
Image gaussian_blur(ImageView image, float sigma);

inline constexpr float kExactSigma = 6.0F;

// The mean over the window of (2 * radius + 1)^2 pixels around each pixel of `image` (f32, any values, 1, 3 or 4
// channels). Windows are clipped at the border and divided by the pixels that they really hold. Sums run in double, so
// that differences of means (variances) stay good; the time does not grow with the radius. radius <= 0 copies.
// Throws Error{unsupported} for other types, Error{out_of_memory}.
Image box_blur(ImageView image, int radius);

}  // namespace pixmill
