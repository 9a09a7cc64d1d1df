#include "pixmill/tasks/boxes.h"

#include <algorithm>
#include <numeric>

namespace pixmill::tasks {

double iou(const Box& a, const Box& b) {
  const auto area = [](const Box& box) {
    return static_cast<double>(std::max(0.0F, box.right - box.left)) *
           static_cast<double>(std::max(0.0F, box.bottom - box.top));
  };
  const Box common{std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right),
                   std::min(a.bottom, b.bottom)};
  const double both = area(common), either = area(a) + area(b) - both;
  return either > 0.0 ? both / either : 0.0;
}

std::vector<std::uint32_t> best_boxes(std::span<const Box> boxes, const Suppression& how) {
  std::vector<std::uint32_t> order(boxes.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return boxes[a].score > boxes[b].score; });
  if (order.size() > how.candidates) order.resize(how.candidates);
  std::vector<std::uint32_t> kept;
  for (const std::uint32_t index : order) {
    const Box& box = boxes[index];
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](std::uint32_t better) {
      return (how.across_classes || boxes[better].label == box.label) && iou(boxes[better], box) > how.overlap;
    });
    if (covered) continue;
    if (kept.size() == how.most) break;
    kept.push_back(index);
  }
  return kept;
}

std::vector<Box> without_overlaps(const std::vector<Box>& boxes, const Suppression& how) {
  std::vector<Box> kept;
  for (const std::uint32_t index : best_boxes(boxes, how)) kept.push_back(boxes[index]);
  return kept;
}

}  // namespace pixmill::tasks
