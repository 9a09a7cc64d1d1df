// A photo as the input of a matting model.
#pragma once

#include <cstdint>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"

namespace pixmill::tasks {

// Where a photo lies in the model's input.
struct Placement {
  Size input;    // width and height of the tensor
  Rect content;  // the photo in it: all of it unless padded; beyond it, from a negative corner, where it is cropped
};

// The card's rule for a photo of that size. Fit::short_side scales photos whose longer side is below or whose shorter
// side is above size.width so that the shorter side has it, floors both to the multiple (at least one), and keeps the
// longer side at or below kLongestSides times the shorter side's target, as a panorama would otherwise need unbounded
// memory.
Placement place_input(Size photo, const models::InputSpec& spec);

inline constexpr int kLongestSides = 4;

// The shape of a tensor of three channels and that size, in the card's layout.
std::vector<std::int64_t> input_shape(Size size, const models::InputSpec& spec);

// `photo`: u8 RGB. Resized, scaled and normalised as the card says: 1 x 3 x H x W, or 1 x H x W x 3, f32.
Tensor model_input(ImageView photo, const models::InputSpec& spec);

// The same of a photo that was made smaller while it was read, placed as its full size is.
Tensor model_input(ImageView photo, const models::InputSpec& spec, const Placement& placed);

}  // namespace pixmill::tasks
