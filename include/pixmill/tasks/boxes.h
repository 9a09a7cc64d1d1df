// Boxes around things: overlap, and the removal of boxes that are one thing's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pixmill::tasks {

// A found thing: the sides of its box in pixels, of the model's input or of the picture; left <= right, top <= bottom.
struct Box {
  float left = 0, top = 0, right = 0, bottom = 0;
  float score = 0;  // 0..1
  int label = 0;    // index of its class

  bool operator==(const Box&) const = default;
};

// The common area by the area of both together: 0..1; 0 where neither has one.
double iou(const Box& a, const Box& b);

struct Suppression {
  double overlap = 0.45;           // of two boxes with a larger IoU the weaker one goes
  bool across_classes = false;     // else only boxes of one class are compared
  std::size_t candidates = 30000;  // so many of the best boxes are looked at
  std::size_t most = 300;          // so many are kept
};

// The indices of the boxes that stay, best first; of equal scores in the order of `boxes`. Boxes that are kept at a
// confidence are the same whether weaker ones are left out before or after, as a box is only removed for a better one.
std::vector<std::uint32_t> best_boxes(std::span<const Box> boxes, const Suppression& how = {});

// The boxes themselves.
std::vector<Box> without_overlaps(const std::vector<Box>& boxes, const Suppression& how = {});

}  // namespace pixmill::tasks
