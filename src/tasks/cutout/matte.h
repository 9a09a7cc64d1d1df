// The matte at the photo's size, and the photo's colours for it.
#pragma once

#include "pixmill/core/image.h"
#include "pixmill/tasks/cutout.h"

namespace pixmill::tasks {

// `small` (f32, 1 channel) enlarged to `photo` (u8 RGB), refined, cut at the threshold, softened: f32, in this order.
Image matte_for(ImageView small, ImageView photo, const CutoutOptions& options);

// A photo taken apart: colours without alpha (3 channels; u8, u16), the alpha (empty when there is none; same depth),
// and what the model and the filters look at (u8 RGB; flattened on white; empty when `colours` are just that).
struct Layers {
  Image colours;
  Image alpha;
  Image flat;

  const Image& seen() const { return flat.empty() ? colours : flat; }
};

Layers take_apart(Image photo);

// `matte` (f32) times `alpha` (u8, u16).
void multiply(Image& matte, ImageView alpha);

// The colours with the old background taken out where `matte` is between 0 and 1; 16-bit colours are shifted by what
// the 8-bit estimate changes, and keep all their bits elsewhere.
Image subject_colours(Image colours, ImageView matte);

}  // namespace pixmill::tasks
