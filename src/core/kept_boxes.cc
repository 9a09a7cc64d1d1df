#include "pixmill/core/kept_boxes.h"

#include <algorithm>
#include <limits>

#include "core/box_kernels.h"

namespace pixmill {
namespace {

BoxBlock empty_block() {
  BoxBlock block;
  constexpr float kFar = std::numeric_limits<float>::max();
  std::fill_n(block.left, BoxBlock::kBoxes, kFar);
  std::fill_n(block.top, BoxBlock::kBoxes, kFar);
  std::fill_n(block.right, BoxBlock::kBoxes, -kFar);
  std::fill_n(block.bottom, BoxBlock::kBoxes, -kFar);
  std::fill_n(block.area, BoxBlock::kBoxes, 0.0F);
  return block;
}

}  // namespace

double iou(const Sides& a, const Sides& b) {
  const auto area = [](float width, float height) {
    return static_cast<double>(std::max(0.0F, width)) * static_cast<double>(std::max(0.0F, height));
  };
  const double both = area(std::min(a.right, b.right) - std::max(a.left, b.left),
                           std::min(a.bottom, b.bottom) - std::max(a.top, b.top));
  const double either = area(a.right - a.left, a.bottom - a.top) + area(b.right - b.left, b.bottom - b.top) - both;
  return either > 0.0 ? both / either : 0.0;
}

bool KeptBoxes::covers(const Sides& box, std::size_t group) const {
  if (group >= groups_.size() || groups_[group].boxes == 0) return false;
  return box_kernels().covers(blocks_.data(), groups_[group].first, box, overlap_);
}

void KeptBoxes::keep(const Sides& box, std::size_t group) {
  if (group >= groups_.size()) groups_.resize(group + 1);
  Group& of = groups_[group];
  const std::size_t place = of.boxes++ % BoxBlock::kBoxes;
  if (place == 0) {
    const auto block = static_cast<std::int32_t>(blocks_.size());
    blocks_.push_back(empty_block());
    (of.last < 0 ? of.first : blocks_[static_cast<std::size_t>(of.last)].next) = block;
    of.last = block;
  }
  BoxBlock& block = blocks_[static_cast<std::size_t>(of.last)];
  block.left[place] = box.left;
  block.top[place] = box.top;
  block.right[place] = box.right;
  block.bottom[place] = box.bottom;
  block.area[place] = (box.right - box.left) * (box.bottom - box.top);
}

}  // namespace pixmill
