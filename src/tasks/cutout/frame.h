// Which part of the photo is shown, how large, and where on the canvas.
#pragma once

#include "pixmill/core/image.h"
#include "pixmill/core/matte.h"
#include "pixmill/tasks/cutout.h"

namespace pixmill::tasks {

struct Frame {
  Rect crop;    // inside the photo
  Size scaled;  // the crop's size in the result
  Size canvas;  // the result's size
  int x = 0;    // the scaled crop's upper left corner on the canvas; never negative
  int y = 0;

  bool scales() const { return scaled != Size{crop.width, crop.height}; }
  bool fills() const { return scaled == canvas; }
  bool operator==(const Frame&) const = default;
};

// `matte`: at the photo's size. Without `trim` and `canvas` the whole photo. With them the subject: the
// smallest box around alpha above 10%, enlarged by what a shadow needs, then by the margin, or scaled (down or up) to
// fit the canvas within the margin and centred. A matte without a subject shows the whole photo.
Frame frame_of(const Matte& matte, const CutoutOptions& options);

// The picture (RGBA; u8, u16) or the mask (1 channel u8) in the frame, transparent or black outside of the photo.
// Scaled by Lanczos, colours weighted by alpha.
Image show(Image photo, const Frame& frame);

}  // namespace pixmill::tasks
