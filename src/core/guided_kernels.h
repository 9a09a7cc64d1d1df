// The loops of the guided filter: for every pixel the linear function of colour that explains the matte in the window
// of (2 * radius + 1)^2 pixels around it, in two steps: sums down columns, then across.
//
// Everything lies in planes of floats, a row of a plane after the same row of the plane before it: plane k of row y is
// row(planes * y + k) of a Grid. To the left and right of a plane's `columns`, a multiple of kGuidedColumns, lie
// `radius` zeros. So windows need no borders: what a picture does not have adds nothing, and `inverse` divides by the
// pixels that a window really holds. What a kernel makes of zeros beyond the picture's right border is zero again.
#pragma once

#include <cstdint>

#include "core/edge_kernels.h"
#include "core/resize_kernels.h"

namespace pixmill {

constexpr int kGuidedColumns = 16;

constexpr int kGuidedPixel = 4;     // planes: red, green, blue (0..1), matte
constexpr int kGuidedMoments = 13;  // planes: r g b m, rr rg rb gg gb bb, rm gm bm
constexpr int kGuidedFit = 4;       // planes: slope per colour, offset: matte = slope . colour + offset

struct GuidedKernels {
  // The colours of `count` pixels as planes. Up to a vector more is read and written.
  void (*split)(const std::uint8_t* rgb, int count, Grid<float> planes);

  // Products of the kGuidedPixel planes of `rows` rows, added up column by column: kGuidedMoments planes.
  void (*add_moments)(Grid<const float> pixels, int rows, int columns, Grid<float> sums);

  // The kGuidedFit of each column's window. `epsilon` is added to the variances; `inverse`: 1 / pixels of the window,
  // 0 beyond the picture.
  void (*fit)(Grid<const float> moments, const float* inverse, int radius, float epsilon, int columns,
              Grid<float> fits);

  // The planes of `rows` rows of fits, added up column by column.
  void (*add_fits)(Grid<const float> fits, int rows, int columns, Grid<float> sums);

  // The Detail of `count` pixels, whose shift is `pull` times what the mean fit of the window and the matte differ by.
  void (*detail)(Grid<const float> sums, const float* inverse, int radius, Grid<const float> pixels, float pull,
                 int count, Detail* details);
};

const GuidedKernels& guided_kernels();

extern const GuidedKernels kScalarGuidedKernels;

}  // namespace pixmill
