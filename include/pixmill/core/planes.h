// Planes of floats: sums of weighted rows, and rows of planes as pixels.
#pragma once

#include <optional>
#include <span>

#include "pixmill/core/image.h"

namespace pixmill {

// to[i] += from[i] * weights[i] * weight. All of one length.
void add_weighted(std::span<const float> from, std::span<const float> weights, float weight, std::span<float> to);

// Row `y` of `pixels` (u8 or u16) from one plane for each of its channels, 0..1: clamped, rounded to the nearest; NaN
// becomes 0.
void write_row(std::span<const float* const> planes, Image& pixels, int y);

// Plane `channel` of a row of pixels (u8, u16 or f32) as 0..1.
void read_row(ImageView pixels, int y, int channel, std::span<float> plane);

struct Range {
  float least = 0.0F, most = 0.0F;
};
// Empty where a value is not finite; of no values {inf, -inf}.
std::optional<Range> finite_range(std::span<const float> values);

}  // namespace pixmill
