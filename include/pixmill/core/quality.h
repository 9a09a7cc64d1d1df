// How sharp and how bright a picture is.
#pragma once

#include "pixmill/core/image.h"

namespace pixmill {

// Gray is 0.299 R + 0.587 G + 0.114 B, 0..255.
struct Measured {
  float sharpness = 0;   // variance of the Laplacian (the four neighbours minus four times the pixel, edges mirrored)
  float brightness = 0;  // mean

  bool operator==(const Measured&) const = default;
};

// Pictures of more than so many pixels on the long side are reduced to it by their areas first, so that the figures of
// small and large photographs can be compared; a smaller one has the figures of cv2.Laplacian(gray, CV_64F).var().
inline constexpr int kMeasuredSide = 768;

// The size in which a picture of `size` is measured.
Size measured_size(Size size);

// `picture`: u8 RGB, not empty.
Measured measure_quality(ImageView picture);

}  // namespace pixmill
