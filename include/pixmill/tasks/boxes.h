// Boxes around things, and the decoders that read them from the outputs of detectors.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"

namespace pixmill::tasks {

// A detection, in pixels of the model's input.
struct Box {
  float left = 0, top = 0, right = 0, bottom = 0;
  float score = 0;
  int label = 0;
};

double iou(const Box& a, const Box& b);

// Whether decode_boxes() can read what that decoder of a card reads.
bool knows_boxes(std::string_view decoder);

// The boxes with a score of at least `confidence`, overlaps of one class removed (IoU above 0.45), best first.
// `outputs`: all outputs of one picture, f32. Throws Error{bad_model} where their shapes are not the decoder's.
std::vector<Box> decode_boxes(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);

}  // namespace pixmill::tasks
