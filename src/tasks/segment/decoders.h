// The decoders of segmenting models: things with masks from the outputs of a model as its family publishes them. One
// file for each family.
#pragma once

#include <span>
#include <string_view>

#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"
#include "pixmill/tasks/detect.h"
#include "pixmill/tasks/model_input.h"

namespace pixmill::tasks {

// A picture as a model saw it.
struct Seen {
  const models::ModelCard& card;
  std::span<const Tensor> outputs;  // of one picture, f32, as many as the decoder reads
  Size picture;
  Placement placed;
  DetectOptions how;
};

struct SegmentDecoder {
  std::string_view name;  // as a card has it
  int outputs = 1;        // so many of the model's outputs are read, the first ones; of 1 the one that the card names
  // Throws Error{bad_model} where the shapes are not the decoder's.
  Detections (*decode)(const Seen& seen) = nullptr;
};

// Null where there is none of that name.
const SegmentDecoder* find_segment_decoder(std::string_view name);

Detections decode_prototypes(const Seen& seen);
Detections decode_classes(const Seen& seen);
Detections decode_layers(const Seen& seen);

// Throws Error{bad_model} for a value that is not a number, infinite or beyond kLargestValue.
void require_numbers(const models::ModelCard& card, std::span<const float> values);

}  // namespace pixmill::tasks
