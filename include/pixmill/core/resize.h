// Resampling: images to other sizes, and pixels to a model's planes.
#pragma once

#include <array>
#include <span>

#include "pixmill/core/filter.h"
#include "pixmill/core/image.h"

namespace pixmill {

// `source` at another size, same type and channels. u8 is bit-exact with Pillow 13's resize (fixed point with 22
// fractional bits, rounded to 8 bits after each pass, the passes in its order); u16 and f32 are computed in float.
// RGBA is resampled premultiplied.
// Throws Error{out_of_memory}.
Image resize(ImageView source, Size size, Filter filter);

// The pixels of `part` of what resize() makes of `source` (u8 or f32, no alpha), without the others; not
// Filter::nearest.
Image resize_part(ImageView source, Size size, const Rect& part, Filter filter);

// value * scale, then (value - mean[c]) / std[c]. Values come as stored (0..255 for u8).
struct Normalise {
  float scale = 1.0F / 255.0F;
  std::array<float, 3> mean = {0.0F, 0.0F, 0.0F};
  std::array<float, 3> std = {1.0F, 1.0F, 1.0F};
  bool bgr = false;    // the model wants blue first; mean and std stay in the model's order
  bool planar = true;  // CHW (true) or HWC
};

// A u8 RGB picture as a model's input: 3 x H x W (or H x W x 3) floats into `out`, which must hold exactly that many.
void normalise(ImageView rgb, const Normalise& how, std::span<float> out);

// The largest sample of a u8 picture.
std::uint8_t maximum(ImageView image);

}  // namespace pixmill
