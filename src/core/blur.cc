#include "pixmill/core/blur.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <span>
#include <vector>

#include "core/blur_kernels.h"
#include "core/resize_passes.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"

namespace pixmill {
namespace {

constexpr std::size_t kColumns = 64;   // floats of a row that go down the picture at a time: four cache lines
constexpr float kLargestSigma = 1e6F;  // more than any picture has pixels: what is larger changes nothing
constexpr int kStrip = 16;             // rows that go across at a time

float* floats(AlignedBuffer& buffer) {
  return reinterpret_cast<float*>(buffer.data());
}

// Running means of `radii`, one after the other, over `rows` rows of a grid of at most `capacity` samples.
class Means {
 public:
  Means(std::span<const int> radii, std::size_t capacity, std::size_t samples)
      : radii_(radii), sums_(samples * sizeof(double)), even_(scratch(capacity)), odd_(scratch(capacity)) {}

  void run(Grid<const float> from, Grid<float> to, int rows, std::size_t samples) {
    for (std::size_t i = 0; i < radii_.size(); ++i) {
      const Grid<float> next = i + 1 == radii_.size() ? to : Grid<float>{floats(i % 2 == 0 ? even_ : odd_), samples};
      kernels_.running_mean(from, next, rows, samples, radii_[i], reinterpret_cast<double*>(sums_.data()));
      from = {next.data, next.stride};
    }
  }

 private:
  AlignedBuffer scratch(std::size_t capacity) const {
    return radii_.size() > 1 ? AlignedBuffer(capacity * sizeof(float)) : AlignedBuffer();
  }

  std::span<const int> radii_;
  const BlurKernels& kernels_ = blur_kernels();
  AlignedBuffer sums_;
  AlignedBuffer even_;
  AlignedBuffer odd_;
};

Image means(ImageView image, std::span<const int> radii) {
  const std::size_t row = static_cast<std::size_t>(image.width()) * image.channels();
  Image result(image.size(), image.channels(), PixelType::f32);

  {  // across, in strips whose columns are rows
    const ResizeKernels& resize = resize_kernels();
    const std::size_t samples = static_cast<std::size_t>(kStrip) * image.channels();
    AlignedBuffer columns(row * kStrip * sizeof(float));
    AlignedBuffer blurred(row * kStrip * sizeof(float));
    std::memset(columns.data(), 0, columns.size());  // the last strip may not fill its lanes
    Means across(radii, row * kStrip, samples);
    for (int y = 0; y < image.height(); y += kStrip) {
      const int rows = std::min(kStrip, image.height() - y);
      resize.transpose_f32({image.row<float>(y), image.stride() / sizeof(float)}, rows, static_cast<int>(row),
                           {floats(columns), kStrip});
      across.run({floats(columns), samples}, {floats(blurred), samples}, image.width(), samples);
      resize.transpose_f32({floats(blurred), kStrip}, static_cast<int>(row), rows, {result.row<float>(y), row});
    }
  }

  // down, in stripes that stay in the cache; a stripe is not needed any more once it is in `stripe`
  const std::size_t height = image.height();
  AlignedBuffer stripe(height * kColumns * sizeof(float));
  Means down(radii, height * kColumns, kColumns);
  for (std::size_t x = 0; x < row; x += kColumns) {
    const std::size_t samples = std::min(kColumns, row - x);
    const Grid<float> here = {result.row<float>(0) + x, row};
    for (std::size_t y = 0; y < height; ++y) std::copy_n(here.row(y), samples, floats(stripe) + y * samples);
    down.run({floats(stripe), samples}, here, image.height(), samples);
  }
  return result;
}

// Radii of three boxes whose variances, ((2r + 1)^2 - 1) / 12 each, add up to about sigma^2.
std::array<int, 3> radii_for(double sigma) {
  const double ideal = std::sqrt(4.0 * sigma * sigma + 1.0);  // width of three equal boxes
  const int small = static_cast<int>((ideal - 1.0) / 2.0);
  const auto variance = [](int radius) { return (radius * (radius + 1.0)) / 3.0; };
  const double missing = sigma * sigma - 3.0 * variance(small);
  const int larger = std::clamp(static_cast<int>(std::lround(missing / (variance(small + 1) - variance(small)))), 0, 3);
  std::array<int, 3> radii{};
  for (int i = 0; i < 3; ++i) radii[i] = i < larger ? small + 1 : small;
  return radii;
}

std::vector<double> gaussian(double sigma) {
  const int radius = std::max(1, static_cast<int>(std::ceil(4.0 * sigma)));
  std::vector<double> kernel(2 * radius + 1);
  double sum = 0.0;
  for (int i = -radius; i <= radius; ++i) sum += kernel[i + radius] = std::exp(-0.5 * i * i / (sigma * sigma));
  for (double& value : kernel) value /= sum;
  return kernel;
}

}  // namespace

Image gaussian_blur(ImageView image, float sigma) {
  if (image.type() == PixelType::u16) {
    throw Error(ErrorCode::unsupported, "gaussian_blur does not take pictures of 16 bits");
  }
  if (!(sigma > 0.0F)) return copy(image);
  if (sigma <= kExactSigma) {
    const std::vector<double> kernel = gaussian(sigma);
    return resample(image, convolution_taps(image.width(), kernel), convolution_taps(image.height(), kernel));
  }
  const std::array<int, 3> radii = radii_for(std::min(sigma, kLargestSigma));
  if (image.type() == PixelType::f32) return means(image, radii);
  return to_u8(means(to_f32(image), radii));
}

}  // namespace pixmill
