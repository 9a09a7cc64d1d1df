// Row by row: u8 RGB to gray, and the sums of its Laplacian. Declared here for the tests.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pixmill {

// Of a row: its pixels, and the Laplacian at each of them.
struct LaplacianSums {
  std::int64_t gray = 0, laplacian = 0, squares = 0;

  bool operator==(const LaplacianSums&) const = default;
};

// Pixels: the kernels sum up squares of at most 1020 in 32 bits, of at least four lanes.
inline constexpr std::size_t kLongestQualityRow = 4096;

// Weights of gray in fixed point, as OpenCV's cvtColor() has them.
inline constexpr int kShift = 14, kHalf = 1 << (kShift - 1), kRed = 4899, kGreen = 9617, kBlue = 1868;

// And as Pillow has them.
inline constexpr int kLumaShift = 16, kLumaRed = 19595, kLumaGreen = 38470, kLumaBlue = 7471;

struct QualityKernels {
  // 0..255, rounded.
  void (*gray)(const std::uint8_t* rgb, std::size_t width, std::int16_t* gray);
  // The same as Pillow makes "L" of RGB.
  void (*luma)(const std::uint8_t* rgb, std::size_t width, std::uint8_t* luma);
  // Rows of gray pixels. Of `here` the pixels before the first and behind the last one are read too.
  LaplacianSums (*laplacian)(const std::int16_t* above, const std::int16_t* here, const std::int16_t* below,
                             std::size_t width);
};

const QualityKernels& quality_kernels();

extern const QualityKernels kScalarQualityKernels;

}  // namespace pixmill
