// The detection task: what happens in which order.
#include "pixmill/tasks/detect.h"

#include <algorithm>
#include <string>
#include <utility>

#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "pixmill/tasks/model_input.h"
#include "tasks/detect/decoders.h"

namespace pixmill::tasks {
namespace {

// From the model's input to the picture, and cut at its edges. The picture fills `placed.content` from edge to edge.
Box in_picture(Box box, const Placement& placed, Size picture) {
  const auto mapped = [](float value, int start, int extent, int whole) {
    const float scale = static_cast<float>(whole) / static_cast<float>(extent);
    return std::clamp((value - static_cast<float>(start)) * scale, 0.0F, static_cast<float>(whole));
  };
  const Rect& content = placed.content;
  box.left = mapped(box.left, content.x, content.width, picture.width);
  box.right = mapped(box.right, content.x, content.width, picture.width);
  box.top = mapped(box.top, content.y, content.height, picture.height);
  box.bottom = mapped(box.bottom, content.y, content.height, picture.height);
  box.score = std::min(box.score, 1.0F);
  return box;
}

// The card's names; numbers where it has none.
ClassNames names_of(const models::ModelCard& card, int classes) {
  std::vector<std::string> names = card.output.classes;
  for (int label = static_cast<int>(names.size()); label < classes; ++label) names.push_back(std::to_string(label));
  return shared_names(std::move(names));
}

}  // namespace

Detections detections_of(const models::ModelCard& card, std::span<const Tensor> outputs, Size picture,
                         const DetectOptions& options) {
  const Suppression how = {.overlap = options.overlap, .across_classes = options.across_classes, .most = kKeptBoxes};
  const Decoded decoded = decode_boxes(card, outputs, kKeptConfidence, how);
  const Placement placed = place_input(picture, card.input);
  Detections found{picture, kKeptConfidence, names_of(card, decoded.classes), {}};
  for (const Box& box : decoded.boxes) {
    const Box mapped = in_picture(box, placed, picture);
    if (mapped.left < mapped.right && mapped.top < mapped.bottom) found.boxes.push_back(mapped);
  }
  return found;
}

}  // namespace pixmill::tasks
