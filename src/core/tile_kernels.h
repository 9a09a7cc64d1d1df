// Row by row: tiles of floats into pictures. Declared here for the tests.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pixmill {

struct TileKernels {
  // to[i] += from[i] * weights[i] * weight.
  void (*add)(const float* from, const float* weights, float weight, std::size_t count, float* to);
  // 0..1 to 0..255 or 0..65535: rounded to the nearest, clamped; NaN becomes 0. Three planes become pixels.
  void (*to_rgb8)(const float* const planes[3], std::size_t width, std::uint8_t* rgb);
  void (*to_rgb16)(const float* const planes[3], std::size_t width, std::uint16_t* rgb);
  // Whether all are finite; the least and the largest go to `least` and `most` (undefined where one is not finite).
  bool (*range)(const float* values, std::size_t count, float* least, float* most);
};

const TileKernels& tile_kernels();

extern const TileKernels kScalarTileKernels;

}  // namespace pixmill
