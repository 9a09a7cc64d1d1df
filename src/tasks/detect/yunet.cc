#include "tasks/detect/decoders.h"

namespace pixmill::tasks {

// Twelve outputs, each for three strides: class, objectness, box, five landmarks: right eye, left eye, tip of the nose,
// right and left corner of the mouth, as the person has them. score = sqrt(class * objectness)
// (opencv/opencv:modules/objdetect/src/face_detect.cpp).
Decoded decode_yunet(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  constexpr std::size_t kObjectness = kLevels, kBox = 2 * kLevels, kMarks = 3 * kLevels, kPoints = 5;
  for (std::size_t level = 0; level < kLevels; ++level) {
    const std::int64_t cells = grid(card.input.size, kStrides[level]).area();
    require_readable(card, outputs[level].size() == cells && outputs[level + kObjectness].size() == cells &&
                               outputs[level + kBox].size() == 4 * cells &&
                               outputs[level + kMarks].size() == std::int64_t{2 * kPoints} * cells);
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
    const float* mark = outputs[cell.level + kMarks].as<float>().data() + 2 * kPoints * at;
    std::vector<Point>& points = found.points.emplace_back();
    for (std::size_t i = 0; i < kPoints; ++i)
      points.push_back({(cell.x + mark[2 * i]) * cell.stride, (cell.y + mark[2 * i + 1]) * cell.stride});
  });
  return found;
}

}  // namespace pixmill::tasks
