// Alpha, backgrounds, depths and canvases. Blending is done on straight sRGB values, rounded to the nearest.
//
// Sizes that must agree and channel counts are the caller's duty (asserted); a pixel type that a function does not take
// throws Error{unsupported}. All of them throw Error{out_of_memory}.
#pragma once

#include <array>
#include <cstdint>

#include "pixmill/core/image.h"
#include "pixmill/core/matte.h"
#include "pixmill/core/resize.h"

namespace pixmill {

using Colour = std::array<std::uint8_t, 3>;  // R, G, B

// `picture` (u8 or u16; 1, 3 or 4 channels) as RGBA of the same depth, transparent where `alpha` (1 channel, same size;
// f32 0..1, values outside are clamped, or u8) says so. An alpha that the picture has already is multiplied in.
// Fully transparent pixels get the colour 0, which makes files small.
Image with_alpha(ImageView picture, ImageView alpha);

// The same for an RGB picture (u8 or u16) and a matte of its size.
Image with_alpha(ImageView rgb, const Matte& matte);

// RGBA (u8 or u16) on a plain colour: RGB of the same depth.
Image over_colour(ImageView rgba, Colour colour);

// RGBA (u8 or u16) on `background` (RGB, same size and depth): RGB of the same depth.
Image over_picture(ImageView rgba, ImageView background);

// Any picture as u8 RGB: gray is repeated, u16 and f32 are rounded, alpha is flattened on white.
Image to_rgb8(ImageView image);

// Any picture as u8 with the same channels: u16 and f32 (0..1, clamped) are rounded to the nearest.
Image to_u8(ImageView image);

// An f32 picture (0..1, clamped) as u16 with the same channels, rounded to the nearest.
Image to_u16(ImageView image);

// Any picture as f32 0..1 with the same channels.
Image to_f32(ImageView image);

// The alpha of an RGBA picture as a plane of the same depth.
Image alpha_of(ImageView rgba);

// `image` scaled to fill `size` with its proportions kept; what hangs over is cut off evenly on both sides.
Image cover(ImageView image, Size size, Filter filter = Filter::lanczos3);

// The largest size with the proportions of `picture` that fits into `box`; at least 1x1.
Size fit(Size picture, Size box);

// The smallest rectangle around the samples above `threshold` (0..255 also for u16 and f32) of a matte (1 channel) or
// of the alpha of an RGBA picture. {0, 0, 0, 0} when there are none.
Rect opaque_bounds(ImageView image, std::uint8_t threshold = 0);

// A canvas filled with `fill` (as many of its values as `image` has channels, 0..255 also for u16 and f32), on which
// `image` lies with its upper left corner at (x, y), which may be negative. Pixels replace, alpha too; what hangs over
// is cut off.
Image place(ImageView image, Size canvas, int x, int y, std::array<std::uint8_t, 4> fill = {0, 0, 0, 0});

}  // namespace pixmill
