// What the two files of a SAM model take and give, found by the names of their ports.
#pragma once

#include <cstdint>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"

namespace pixmill::tasks {

// How the encoder takes a picture.
struct SamPicture {
  ElementType type = ElementType::f32;
  bool planar = true;
  bool raw = false;   // 0..255 of the resized picture, which the encoder normalises and pads itself
  bool flat = false;  // three dimensions: no batch
  Size canvas;        // a fixed size that the picture must be padded to; 0: none
};

// What an input of the decoder is.
enum class SamInput : std::uint8_t { embedding, points, labels, mask, has_mask, picture_size };

struct SamPort {
  SamInput kind = SamInput::embedding;
  int output = 0;  // embedding: which of `embeddings`
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;  // as the file declares it; -1: open
};

struct SamPorts {
  SamPicture picture;
  std::vector<int> embeddings;  // outputs of the encoder that the decoder takes
  std::vector<SamPort> inputs;  // of the decoder, in its order
  int masks = 0, scores = 0;    // outputs of the decoder
};

// Throws Error{bad_model} where the files are none of a SAM model, or of two.
SamPorts sam_ports(const models::ModelCard& card);

}  // namespace pixmill::tasks
