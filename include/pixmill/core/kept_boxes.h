// Boxes that were kept, and whether one of them covers another box: the inner loop of non-maximum suppression.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pixmill {

// The sides of a box; left <= right, top <= bottom.
struct Sides {
  float left = 0, top = 0, right = 0, bottom = 0;
};

// The common area by the area of both together (intersection over union): 0..1; 0 where neither has one.
double iou(const Sides& a, const Sides& b);

// Sixteen boxes as vectors read them, side by side. Those that are not there yet overlap nothing.
struct alignas(64) BoxBlock {
  static constexpr std::size_t kBoxes = 16;

  float left[kBoxes], top[kBoxes], right[kBoxes], bottom[kBoxes], area[kBoxes];
  std::int32_t next = -1;  // block of the same group
};

// Boxes are compared within their group: their class, or one group for all. Not thread-safe.
class KeptBoxes {
 public:
  // `overlap`: the IoU, 0 or more, above which a kept box covers another one.
  explicit KeptBoxes(double overlap) : overlap_(overlap) {}

  bool covers(const Sides& box, std::size_t group) const;
  void keep(const Sides& box, std::size_t group);

 private:
  struct Group {
    std::int32_t first = -1, last = -1;  // blocks
    std::size_t boxes = 0;
  };

  double overlap_;
  std::vector<BoxBlock> blocks_;
  std::vector<Group> groups_;
};

}  // namespace pixmill
