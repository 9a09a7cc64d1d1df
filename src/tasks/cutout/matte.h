// The matte at the photo's size, and the photo's colours for it.
#pragma once

#include "pixmill/core/image.h"
#include "pixmill/core/matte.h"
#include "pixmill/tasks/cutout.h"

namespace pixmill::tasks {

// `small` (f32, 1 channel) enlarged to `photo` (u8 RGB), refined, cut at the threshold, softened, in this order.
// `depth` of the result: what is less than half a step of it from 0 or 1 counts as 0 or 1.
Matte matte_for(ImageView small, const Image& photo, PixelType depth, const CutoutOptions& options);

// A photo taken apart: colours without alpha (3 channels; u8, u16), the alpha (empty when there is none; same depth),
// and what the model and the filters look at (u8 RGB; flattened on white; empty when `colours` are just that).
struct Layers {
  Image colours;
  Image alpha;
  Image flat;

  const Image& seen() const { return flat.empty() ? colours : flat; }
};

Layers take_apart(Image photo);

// `matte` times `alpha` (u8, u16).
Matte multiplied(const Matte& matte, ImageView alpha);

}  // namespace pixmill::tasks
