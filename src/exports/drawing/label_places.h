// Where labels go.
#pragma once

#include <optional>
#include <vector>

#include "pixmill/core/image.h"

namespace pixmill::exports {

// Finds a place for each label of a picture: at a corner of its box, above it where there is room, inside the picture,
// and off the labels before it. One that would cover others by more than a third is left out: in a crowd labels would
// hide what they name.
class LabelPlaces {
 public:
  explicit LabelPlaces(Size picture) : picture_(picture) {}

  // `box`: of the thing. A label that is larger than the picture begins at its left and top. None: it is left out.
  std::optional<Rect> place(Size label, const Rect& box);

 private:
  std::int64_t covered(const Rect& place) const;

  const Size picture_;
  std::vector<Rect> taken_;
};

}  // namespace pixmill::exports
