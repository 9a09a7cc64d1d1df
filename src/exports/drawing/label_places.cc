#include "exports/drawing/label_places.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "exports/drawing/canvas.h"

namespace pixmill::exports {

std::int64_t LabelPlaces::covered(const Rect& place) const {
  std::int64_t pixels = 0;
  for (const Rect& other : taken_) {
    const Rect both = common(place, other);
    pixels += std::int64_t{both.width} * both.height;
  }
  return pixels;
}

std::optional<Rect> LabelPlaces::place(Size label, const Rect& box) {
  const int right = box.x + box.width - label.width, bottom = box.y + box.height;
  const struct {
    int x, y;
  } corners[] = {
      {box.x, box.y - label.height},   // above
      {box.x, box.y},                  // inside, at the top
      {right, box.y - label.height},   // above, at the right
      {right, box.y},                  // inside, at the top right
      {box.x, bottom},                 // below
      {box.x, bottom - label.height},  // inside, at the bottom
      {right, bottom},                 // below, at the right
      {right, bottom - label.height},  // inside, at the bottom right
  };
  Rect best;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const auto& corner : corners) {
    const int x = std::clamp(corner.x, 0, std::max(0, picture_.width - label.width));
    const int y = std::clamp(corner.y, 0, std::max(0, picture_.height - label.height));
    const Rect place = {x, y, label.width, label.height};
    const std::int64_t pixels = covered(place);
    if (pixels >= least) continue;
    best = place;
    least = pixels;
    if (pixels == 0) break;
  }
  if (least > std::int64_t{label.width} * label.height / 3) return std::nullopt;
  taken_.push_back(best);
  return best;
}

}  // namespace pixmill::exports
