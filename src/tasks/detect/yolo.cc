// YOLO as Ultralytics exports it: the grid is decoded in the graph, boxes are in pixels of the input.
#include "pixmill/core/score_table.h"
#include "tasks/detect/decoders.h"

namespace pixmill::tasks {
// [1, 4 + classes (+ mask coefficients), anchors]: centre, size, scores. YOLO11 too.
Decoded decode_yolov8(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  const std::vector<std::int64_t>& shape = outputs[0].shape();
  require_readable(card, shape.size() == 3);
  const std::int64_t anchors = shape[2];
  const std::int64_t classes = shape[1] - 4 - mask_coefficients(outputs);
  require_readable(card, classes > 0);
  const std::span<const float> values = outputs[0].as<float>();
  const auto columns = static_cast<std::size_t>(anchors);
  const std::span<const float> scores = values.subspan(4 * columns);
  std::vector<float> best(columns);
  largest_of_columns(scores, static_cast<std::size_t>(classes), best);
  Decoded found{{}, static_cast<int>(classes)};
  for (std::size_t i = 0; i < columns; ++i) {
    if (!(best[i] >= confidence)) continue;
    const float* at = values.data() + i;
    found.boxes.push_back(centred(at[0], at[columns], at[2 * columns], at[3 * columns], best[i],
                                  class_with(best[i], scores.data() + i, anchors)));
    found.rows.push_back(static_cast<std::int64_t>(i));
  }
  return found;
}

// [1, anchors, 5 + classes (+ mask coefficients)]: centre, size, objectness, scores.
Decoded decode_yolov5(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  const std::vector<std::int64_t>& shape = outputs[0].shape();
  const std::int64_t others = 5 + mask_coefficients(outputs);
  require_readable(card, shape.size() == 3 && shape[2] > others);
  const std::int64_t columns = shape[2], classes = columns - others;
  const float* at = outputs[0].as<float>().data();
  Decoded found{{}, static_cast<int>(classes)};
  for (std::int64_t i = 0; i < shape[1]; ++i, at += columns) {
    if (!(at[4] >= confidence)) continue;  // no product with a share can be larger
    const float best = largest_of({at + 5, static_cast<std::size_t>(classes)});
    if (!(best * at[4] >= confidence)) continue;
    found.boxes.push_back(centred(at[0], at[1], at[2], at[3], best * at[4], class_with(best, at + 5)));
    found.rows.push_back(i);
  }
  return found;
}

}  // namespace pixmill::tasks
