// The background of the subject.
#pragma once

#include "pixmill/core/image.h"
#include "pixmill/tasks/cutout.h"
#include "tasks/cutout/frame.h"

namespace pixmill::tasks {

// `subject` (RGBA, in the frame) on the background, RGB of the same depth; RGBA on a colour with an alpha; unchanged
// for Kind::none.
// `photo` (u8 RGB) and `matte` (f32), both of the photo's whole size, give the blurred background: the subject is taken
// out of it first, so that its colours do not glow around it. It keeps its place when the frame lies inside the photo
// and is not scaled; else it covers the canvas, as a picture does.
Image lay_on(Image subject, const Background& background, const Frame& frame, ImageView photo, const Matte& matte);

// The same picture with 16 bits: 255 becomes 65535. `image`: u8.
Image widened(ImageView image);

}  // namespace pixmill::tasks
