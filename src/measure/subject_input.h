// Pictures as the input of models that no job runs, and of models that no card describes.
#pragma once

#include <string>

#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"

namespace pixmill::measure {

// `photo` (u8 RGB) as the card's input says: 1 x C x H x W or 1 x H x W x C, f32; C is 1 for luma. Models that work on
// tiles get the one in the middle of the photo, which is enlarged where it is smaller than a tile.
Tensor plain_input(const Image& photo, const models::InputSpec& spec);

// A card that says no more than the file itself: pictures stretched to the model's size (kPlainSide where the file
// leaves it open), 0..1, RGB, or luma where it has one channel. Its task is empty. `name` stands in messages.
models::ModelCard plain_card(const std::string& name, const ModelSignature& signature);

inline constexpr int kPlainSide = 256;

}  // namespace pixmill::measure
