// Detection decoders: boxes from the outputs of detectors, enough to compare two results of one model.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "measure/verify/metrics.h"

namespace pixmill::measure {

// Whether decode_boxes() can read what that decoder of a card reads.
bool knows_boxes(std::string_view decoder);

// The boxes with a score of at least `confidence`, overlaps of one class removed (IoU above 0.45), best first.
// `outputs`: all outputs of one picture, f32. Throws Error{bad_model} where their shapes are not the decoder's.
std::vector<Box> decode_boxes(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);

}  // namespace pixmill::measure
