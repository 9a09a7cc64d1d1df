#include "pixmill/tasks/boxes.h"

#include <algorithm>

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

std::vector<Box> without_overlaps(std::vector<Box> boxes, const Suppression& how) {
  std::stable_sort(boxes.begin(), boxes.end(), [](const Box& a, const Box& b) { return a.score > b.score; });
  if (boxes.size() > how.candidates) boxes.resize(how.candidates);
  std::vector<Box> kept;
  for (const Box& box : boxes) {
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Box& better) {
      return (how.across_classes || better.label == box.label) && iou(better, box) > how.overlap;
    });
    if (covered) continue;
    if (kept.size() == how.most) break;
    kept.push_back(box);
  }
  return kept;
}

}  // namespace pixmill::tasks
