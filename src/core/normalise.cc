#include <algorithm>
#include <cassert>

#include "core/normalise_kernels.h"
#include "pixmill/core/resize.h"

namespace pixmill {

void normalise(ImageView rgb, const Normalise& how, std::span<float> out) {
  assert(rgb.type() == PixelType::u8 && rgb.channels() == 3);
  const auto plane = static_cast<std::size_t>(rgb.size().area());
  assert(out.size() == 3 * plane);

  // (value * scale - mean) / std, as one multiplication and one addition. mean and std stand in the model's order.
  ChannelScale scale{};
  for (int c = 0; c < 3; ++c) {
    const int at = how.bgr ? 2 - c : c;
    scale.factor[c] = how.scale / how.std[at];
    scale.offset[c] = -how.mean[at] / how.std[at];
  }

  const NormaliseKernels& kernels = normalise_kernels();
  const auto width = static_cast<std::size_t>(rgb.width());
  float* const red = out.data() + (how.bgr ? 2 * plane : 0);
  float* const green = out.data() + plane;
  float* const blue = out.data() + (how.bgr ? 0 : 2 * plane);
  for (int y = 0; y < rgb.height(); ++y) {
    const std::size_t at = y * width;
    if (how.planar) {
      kernels.to_planes(rgb.row<std::uint8_t>(y), width, scale, red + at, green + at, blue + at);
    } else {
      kernels.to_interleaved(rgb.row<std::uint8_t>(y), width, scale, how.bgr, out.data() + 3 * at);
    }
  }
}

std::uint8_t maximum(ImageView image) {
  const NormaliseKernels& kernels = normalise_kernels();
  const std::size_t samples = static_cast<std::size_t>(image.width()) * image.channels();
  std::uint8_t largest = 0;
  for (int y = 0; y < image.height() && largest < 255; ++y) {
    largest = std::max(largest, kernels.maximum(image.row<std::uint8_t>(y), samples));
  }
  return largest;
}

}  // namespace pixmill
