// Background removal: a matte is predicted, the subject cut out.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "pixmill/core/image.h"
#include "pixmill/models/model_card.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

enum class Refine {
  automatic,  // guided where it was measured to help (see docs), else none
  none,       // the matte enlarged bilinearly
  guided,     // edges of the matte follow edges of the photo (fast guided filter, He & Sun 2015)
};

enum class Foreground {
  estimate,  // colours of half-covered pixels are replaced by the subject's own, so that no fringe of the old
             // background stays
  keep,      // the photo's colours as they are
};

struct Background {
  enum class Kind { none, colour, picture, blur } kind = Kind::none;
  std::array<std::uint8_t, 3> colour = {255, 255, 255};
  std::uint8_t alpha = 255;              // of the colour; below 255 the result keeps an alpha channel
  std::shared_ptr<const Image> picture;  // scaled to cover, centred; RGB
  float blur_radius = 0.0F;              // standard deviation in pixels; 0: 2% of the longer side

  bool opaque() const { return kind != Kind::none && (kind != Kind::colour || alpha == 255); }
};

// Defaults give a transparent picture at the photo's own size.
struct CutoutOptions {
  Refine refine = Refine::automatic;
  Foreground foreground = Foreground::estimate;
  Background background;
  bool picture = true;             // the cut-out itself
  bool mask = false;               // the matte as a gray picture
  std::optional<float> threshold;  // 0..1: a hard mask
  float feather = 0.0F;            // standard deviation in pixels of a softening of the matte; 0: none
  bool trim = false;               // crop to the subject
  std::optional<Size> canvas;      // subject scaled to fit and centred on this size (implies trim)
  float margin =
      0.0F;  // 0..0.45 of the canvas' shorter side (of the subject's, with trim alone), kept free on every side
  bool shadow = false;  // a soft shadow under the subject
};

// Returns "picture" (RGBA; RGB with an opaque background; same depth as the photo, u8 or u16) and/or "mask" (1 channel
// u8). An alpha channel of the photo is multiplied into the matte. run() throws Error{bad_model} on a matte with NaN or
// of a wrong shape.
std::unique_ptr<Task> make_cutout(models::ModelCard card, CutoutOptions options);

}  // namespace pixmill::tasks
