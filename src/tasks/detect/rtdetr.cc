// RT-DETR as Ultralytics exports it: a row for each query, nothing overlaps.
#include "pixmill/core/score_table.h"
#include "tasks/detect/decoders.h"

namespace pixmill::tasks {

// [1, queries, 4 + classes]: centre and size as shares of the input, scores with their sigmoid
// (ultralytics/ultralytics:ultralytics/nn/modules/head.py, RTDETRDecoder; models/rtdetr/predict.py: the best class of
// each query).
Decoded decode_rtdetr(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  const std::vector<std::int64_t>& shape = outputs[0].shape();
  require_readable(card, shape.size() == 3 && shape[2] > 4);
  const std::int64_t columns = shape[2], classes = columns - 4;
  const auto width = static_cast<float>(card.input.size.width), height = static_cast<float>(card.input.size.height);
  const float* at = outputs[0].as<float>().data();
  Decoded found{{}, static_cast<int>(classes)};
  for (std::int64_t i = 0; i < shape[1]; ++i, at += columns) {
    const float best = largest_of({at + 4, static_cast<std::size_t>(classes)});
    if (!(best >= confidence)) continue;
    found.boxes.push_back(
        centred(at[0] * width, at[1] * height, at[2] * width, at[3] * height, best, class_with(best, at + 4)));
  }
  return found;
}

}  // namespace pixmill::tasks
