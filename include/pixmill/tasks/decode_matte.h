// The decoder "matte".
#pragma once

#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"

namespace pixmill::tasks {

// The matte alone, f32 0..1 at the model's resolution: decoder, activation and rescaling of the card applied.
// `output`: one picture's output tensor.
Image decode_matte(const Tensor& output, const models::ModelCard& card);

}  // namespace pixmill::tasks
