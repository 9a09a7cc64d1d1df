// RF-DETR: queries with a score for each class; nothing overlaps.
#include <algorithm>

#include "tasks/detect/decoders.h"

namespace pixmill::tasks {
namespace {

// COCO's numbers of its 80 classes go to 90: these are not used.
constexpr std::int64_t kUnusedNumbers[] = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83};
constexpr std::int64_t kNumbers = 91, kUsed = 80;

// The class of a column; negative: of none. Models of COCO have a column for each of its numbers, 0 among them; those
// that were trained further have one for "nothing" before their classes
// (roboflow/rf-detr:rfdetr/util/coco_classes.py; rfdetr/detr.py, class_names).
std::int64_t class_of(std::int64_t column, std::int64_t columns, std::int64_t classes) {
  if (columns == classes) return column;
  if (columns == classes + 1) return column - 1;
  const auto* unused = std::lower_bound(std::begin(kUnusedNumbers), std::end(kUnusedNumbers), column);
  return unused != std::end(kUnusedNumbers) && *unused == column ? -1 : column - 1 - (unused - kUnusedNumbers);
}

}  // namespace

// Boxes [1, queries, 4]: centre and size as shares of the input; logits [1, queries, columns]. The best pairs of query
// and class, as many as there are queries; those of no class count too (roboflow/rf-detr:rfdetr/models/lwdetr.py,
// PostProcess; deploy/export.py).
Decoded decode_rfdetr(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  const std::vector<std::int64_t>&boxes = outputs[0].shape(), &logits = outputs[1].shape();
  require_readable(card, boxes.size() == 3 && boxes[2] == 4 && logits.size() == 3 && logits[1] == boxes[1]);
  const std::int64_t columns = logits[2], named = static_cast<std::int64_t>(card.output.classes.size());
  const std::int64_t classes = named > 0 ? named : columns == kNumbers ? kUsed : columns;
  require_readable(card, columns == classes || columns == classes + 1 || (columns == kNumbers && classes == kUsed));
  const auto width = static_cast<float>(card.input.size.width), height = static_cast<float>(card.input.size.height);
  Decoded found{{}, static_cast<int>(classes)};
  for (std::int64_t query = 0; query < boxes[1]; ++query) {
    const float* at = outputs[0].as<float>().data() + 4 * query;
    const float* logit = outputs[1].as<float>().data() + columns * query;
    for (std::int64_t column = 0; column < columns; ++column) {
      const float score = sigmoid(logit[column]);
      const std::int64_t label = class_of(column, columns, classes);
      if (!(score >= confidence)) continue;
      found.boxes.push_back(centred(at[0] * width, at[1] * height, at[2] * width, at[3] * height, score, label));
    }
  }
  const auto most = static_cast<std::size_t>(boxes[1]);
  found.boxes = without_overlaps(found.boxes, {.overlap = 1.0, .across_classes = true, .most = most});
  std::erase_if(found.boxes, [](const Box& box) { return box.label < 0; });
  return found;
}

}  // namespace pixmill::tasks
