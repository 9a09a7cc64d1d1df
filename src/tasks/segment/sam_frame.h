// Where a picture lies in the square that a SAM model sees, and the ways there and back.
#pragma once

#include <memory>

#include "pixmill/core/image.h"
#include "pixmill/core/run_mask.h"
#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"
#include "tasks/segment/sam_ports.h"

namespace pixmill::tasks {

struct SamFrame {
  Size picture;
  Size whole;        // that the decoder's coordinates and its small masks cover
  Size content;      // the part that the picture fills, from the upper left corner
  bool cut = false;  // masks are enlarged to `whole` and cut to `content` before they get the picture's size (SAM);
                     // else they get it at once (SAM 2)

  float across(float x) const { return x * (static_cast<float>(content.width) / static_cast<float>(picture.width)); }
  float down(float y) const { return y * (static_cast<float>(content.height) / static_cast<float>(picture.height)); }
};

SamFrame sam_frame(Size picture, const models::ModelCard& card, const SamPicture& input);

// `photo`: u8 RGB, of the size frame.picture. Resized as Pillow does, normalised as the card says and then padded with
// zeros; or as it is, where the encoder does so itself.
Tensor sam_input(ImageView photo, const SamFrame& frame, const models::ModelCard& card, const SamPicture& input);

// What a decoder says of one thing: logits over frame.whole, or, where they have that size, over frame.content.
struct SamLogits {
  const float* values = nullptr;
  Size size;
};

// The pixels of the picture where the logits are above `threshold`, enlarged bilinearly.
RunMask sam_mask(const SamLogits& logits, const SamFrame& frame, float threshold);

}  // namespace pixmill::tasks
