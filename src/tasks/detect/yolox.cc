// YOLOX: the grid is not decoded in the graph.
#include "pixmill/core/score_table.h"
#include "tasks/detect/decoders.h"

namespace pixmill::tasks {

// [1, cells, 5 + classes]: (xy + cell) * stride, exp(wh) * stride, objectness, scores.
Decoded decode_yolox(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  const std::vector<std::int64_t>& shape = outputs[0].shape();
  std::int64_t cells = 0;
  for (const int stride : kStrides) cells += grid(card.input.size, stride).area();
  require_readable(card, shape.size() == 3 && shape[1] == cells && shape[2] > 5);
  const std::int64_t columns = shape[2];
  const float* at = outputs[0].as<float>().data() - columns;
  Decoded found{{}, static_cast<int>(columns - 5)};
  each_cell(card.input.size, [&](const Cell& cell) {
    at += columns;
    if (!(at[4] >= confidence)) return;  // no product with a share can be larger
    const float best = largest_of({at + 5, static_cast<std::size_t>(columns - 5)});
    if (!(best * at[4] >= confidence)) return;
    found.boxes.push_back(centred((at[0] + cell.x) * cell.stride, (at[1] + cell.y) * cell.stride,
                                  std::exp(at[2]) * cell.stride, std::exp(at[3]) * cell.stride, best * at[4],
                                  class_with(best, at + 5)));
  });
  return found;
}

}  // namespace pixmill::tasks
