#include "pixmill/core/score_table.h"
#include "tasks/detect/decoders.h"

namespace pixmill::tasks {

// [1, 5 + classes, rows, columns]: objectness, tanh(xy) from the cell, sigmoid(wh) of the picture, scores.
Decoded decode_fastestdet(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  const std::vector<std::int64_t>& shape = outputs[0].shape();
  require_readable(card, shape.size() == 4 && shape[1] > 5);
  const std::int64_t classes = shape[1] - 5, rows = shape[2], columns = shape[3], cells = rows * columns;
  const auto width = static_cast<float>(card.input.size.width), height = static_cast<float>(card.input.size.height);
  const float* values = outputs[0].as<float>().data();
  std::vector<float> best(static_cast<std::size_t>(cells));
  largest_of_columns(outputs[0].as<float>().subspan(5 * best.size()), static_cast<std::size_t>(classes), best);
  Decoded found{{}, static_cast<int>(classes)};
  for (std::int64_t i = 0; i < cells; ++i) {
    const float* at = values + i;
    const float share = best[static_cast<std::size_t>(i)];
    const float score = std::pow(std::max(at[0], 0.0F), 0.6F) * std::pow(std::max(share, 0.0F), 0.4F);
    if (!(score >= confidence)) continue;
    const std::int64_t column = i % columns, row = i / columns;
    const float x = (static_cast<float>(column) + std::tanh(at[cells])) / static_cast<float>(columns);
    const float y = (static_cast<float>(row) + std::tanh(at[2 * cells])) / static_cast<float>(rows);
    found.boxes.push_back(centred(x * width, y * height, sigmoid(at[3 * cells]) * width,
                                  sigmoid(at[4 * cells]) * height, score, class_with(share, at + 5 * cells, cells)));
  }
  return found;
}

}  // namespace pixmill::tasks
