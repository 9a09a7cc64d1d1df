#include "tasks/detect/decoders.h"

namespace pixmill::tasks {

// Twelve outputs, each for three strides: class, objectness, box, five landmarks. score = sqrt(class * objectness).
Decoded decode_yunet(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  constexpr std::size_t kObjectness = kLevels, kBox = 2 * kLevels;
  for (std::size_t level = 0; level < kLevels; ++level) {
    const std::int64_t cells = grid(card.input.size, kStrides[level]).area();
    require_readable(card, outputs[level].size() == cells && outputs[level + kObjectness].size() == cells &&
                               outputs[level + kBox].size() == 4 * cells);
  }
  Decoded found{{}, 1};
  each_cell(card.input.size, [&](const Cell& cell) {
    const auto at = static_cast<std::size_t>(cell.index);
    const float product = outputs[cell.level].as<float>()[at] * outputs[cell.level + kObjectness].as<float>()[at];
    const float score = std::sqrt(std::max(product, 0.0F));
    if (!(score >= confidence)) return;
    const float* box = outputs[cell.level + kBox].as<float>().data() + 4 * at;
    found.boxes.push_back(centred((cell.x + box[0]) * cell.stride, (cell.y + box[1]) * cell.stride,
                                  std::exp(box[2]) * cell.stride, std::exp(box[3]) * cell.stride, score, 0));
  });
  return found;
}

}  // namespace pixmill::tasks
