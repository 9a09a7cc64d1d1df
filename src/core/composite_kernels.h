// Row by row: blending and joining of u8 pixels. Declared here for the tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pixmill {

struct CompositeKernels {
  // Colour and alpha to RGBA; where alpha is 0 the colour becomes 0.
  void (*join)(const std::uint8_t* rgb, const std::uint8_t* alpha, std::size_t width, std::uint8_t* rgba);
  // (colour * alpha + background * (255 - alpha)) / 255, rounded to the nearest.
  void (*over_colour)(const std::uint8_t* rgba, std::array<std::uint8_t, 3> colour, std::size_t width,
                      std::uint8_t* rgb);
  void (*over_picture)(const std::uint8_t* rgba, const std::uint8_t* background, std::size_t width, std::uint8_t* rgb);
  // 0..1 to 0..255, rounded to the nearest (halves to even), clamped; NaN becomes 0.
  void (*round)(const float* from, std::size_t samples, std::uint8_t* to);
};

const CompositeKernels& composite_kernels();

extern const CompositeKernels kScalarCompositeKernels;

}  // namespace pixmill
