#include "tasks/cutout/matte.h"

#include <utility>

#include "pixmill/core/blur.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/guided_filter.h"

namespace pixmill::tasks {
namespace {

// Gray is repeated, alpha is left out.
template <typename T>
Image rgb_of(ImageView image) {
  const int channels = image.channels();
  Image result(image.size(), 3, image.type());
  for (int y = 0; y < image.height(); ++y) {
    const T* from = image.row<T>(y);
    T* to = result.row<T>(y);
    for (int x = 0; x < image.width(); ++x, from += channels, to += 3) {
      for (int c = 0; c < 3; ++c) to[c] = channels == 1 ? from[0] : from[c];
    }
  }
  return result;
}

template <typename T>
void multiply_by(Image& matte, ImageView alpha, float full) {
  for (int y = 0; y < matte.height(); ++y) {
    float* to = matte.row<float>(y);
    const T* from = alpha.row<T>(y);
    for (int x = 0; x < matte.width(); ++x) to[x] *= static_cast<float>(from[x]) / full;
  }
}

// Half a step of `depth`. Negative where what is next to nothing shows in the result.
float trace_of(PixelType depth, const CutoutOptions& options) {
  const float trace = depth == PixelType::u16 ? Matte::kDeepTrace : Matte::kTrace;
  const float threshold = options.threshold.value_or(0.5F);
  const bool shows = options.feather > 0.0F || threshold <= trace || threshold >= 1.0F - trace;
  return shows ? -1.0F : trace;
}

}  // namespace

Matte matte_for(ImageView small, const Image& photo, PixelType depth, const CutoutOptions& options) {
  const float trace = trace_of(depth, options);
  Matte matte =
      options.refine == Refine::none ? Matte(small, photo.size(), trace) : enlarge_guided(small, photo, {}, trace);
  if (options.threshold) matte.cut(*options.threshold);
  return options.feather > 0.0F ? Matte(gaussian_blur(matte.dense(), options.feather)) : std::move(matte);
}

Layers take_apart(Image photo) {
  if (photo.type() == PixelType::f32) photo = to_u8(photo);
  Layers layers;
  const bool deep = photo.type() == PixelType::u16;
  if (deep || photo.channels() == 4) layers.flat = to_rgb8(photo);
  if (photo.channels() == 4) layers.alpha = alpha_of(photo);
  if (photo.channels() == 3) {
    layers.colours = std::move(photo);
  } else {
    layers.colours = deep ? rgb_of<std::uint16_t>(photo) : rgb_of<std::uint8_t>(photo);
  }
  return layers;
}

Matte multiplied(const Matte& matte, ImageView alpha) {
  Image values = matte.dense();
  if (alpha.type() == PixelType::u16) {
    multiply_by<std::uint16_t>(values, alpha, 65535.0F);
  } else {
    multiply_by<std::uint8_t>(values, alpha, 255.0F);
  }
  return Matte(std::move(values));
}

}  // namespace pixmill::tasks
