// Row by row: u8 RGB to normalised floats. Declared here for the tests.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pixmill {

// sample * factor + offset; index 0 is red.
struct ChannelScale {
  float factor[3];
  float offset[3];
};

struct NormaliseKernels {
  void (*to_planes)(const std::uint8_t* rgb, std::size_t width, const ChannelScale& scale, float* red, float* green,
                    float* blue);
  // `bgr`: blue is written first.
  void (*to_interleaved)(const std::uint8_t* rgb, std::size_t width, const ChannelScale& scale, bool bgr, float* out);
  std::uint8_t (*maximum)(const std::uint8_t* samples, std::size_t count);
};

const NormaliseKernels& normalise_kernels();

extern const NormaliseKernels kScalarNormaliseKernels;

}  // namespace pixmill
