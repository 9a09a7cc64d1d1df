#include "pixmill/core/score_table.h"
#include "tasks/detect/decoders.h"

namespace pixmill::tasks {
namespace {

// The mean of a distribution over 0 .. bins - 1, from its logits.
float expectation(const float* logits, std::int64_t bins) {
  const float largest = *std::max_element(logits, logits + bins);
  float sum = 0, weighted = 0;
  for (std::int64_t b = 0; b < bins; ++b) {
    const float share = std::exp(logits[b] - largest);
    sum += share;
    weighted += share * static_cast<float>(b);
  }
  return weighted / sum;
}

void require_levels(const models::ModelCard& card, std::span<const Tensor> outputs) {
  const std::vector<std::int64_t>& first = outputs[0].shape();
  for (std::size_t level = 0; level < kLevels; ++level) {
    const std::vector<std::int64_t>&scores = outputs[level].shape(), &sides = outputs[level + kLevels].shape();
    const std::int64_t cells = grid(card.input.size, kStrides[level]).area();
    require_readable(card, scores.size() == 3 && scores[1] == cells && scores[2] == first[2] && scores[2] > 0 &&
                               sides.size() == 3 && sides[1] == cells && sides[2] >= 4 && sides[2] % 4 == 0);
  }
}

}  // namespace

// Six outputs: class scores [1, cells, classes] of three strides, then distances to the four sides as distributions
// [1, cells, 4 * bins], in strides, from the middle of the cell.
Decoded decode_nanodet(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  require_levels(card, outputs);
  const std::int64_t classes = outputs[0].shape()[2];
  Decoded found{{}, static_cast<int>(classes)};
  each_cell(card.input.size, [&](const Cell& cell) {
    const float* scores = outputs[cell.level].as<float>().data() + cell.index * classes;
    const float best = largest_of({scores, static_cast<std::size_t>(classes)});
    if (!(best >= confidence)) return;
    const Tensor& sides = outputs[cell.level + kLevels];
    const std::int64_t bins = sides.shape()[2] / 4;
    const float* side = sides.as<float>().data() + cell.index * 4 * bins;
    const float x = (cell.x + 0.5F) * cell.stride, y = (cell.y + 0.5F) * cell.stride;
    found.boxes.push_back({x - expectation(side, bins) * cell.stride, y - expectation(side + bins, bins) * cell.stride,
                           x + expectation(side + 2 * bins, bins) * cell.stride,
                           y + expectation(side + 3 * bins, bins) * cell.stride, best,
                           static_cast<int>(class_with(best, scores))});
  });
  return found;
}

}  // namespace pixmill::tasks
