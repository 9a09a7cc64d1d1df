#include "tasks/cutout/matte.h"

#include <algorithm>

#include "pixmill/core/blur.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/foreground.h"
#include "pixmill/core/guided_filter.h"
#include "pixmill/core/resize.h"

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

void cut(Image& matte, float threshold) {
  for (int y = 0; y < matte.height(); ++y) {
    float* row = matte.row<float>(y);
    for (int x = 0; x < matte.width(); ++x) row[x] = row[x] >= threshold ? 1.0F : 0.0F;
  }
}

template <typename T>
void multiply_by(Image& matte, ImageView alpha, float full) {
  for (int y = 0; y < matte.height(); ++y) {
    float* to = matte.row<float>(y);
    const T* from = alpha.row<T>(y);
    for (int x = 0; x < matte.width(); ++x) to[x] *= static_cast<float>(from[x]) / full;
  }
}

// Adds to 16-bit colours what an estimate changed of their 8-bit copy.
void shift(Image& colours, const Image& before, const Image& after) {
  const int samples = 3 * colours.width();
  for (int y = 0; y < colours.height(); ++y) {
    std::uint16_t* to = colours.row<std::uint16_t>(y);
    const std::uint8_t *old = before.row<std::uint8_t>(y), *now = after.row<std::uint8_t>(y);
    for (int i = 0; i < samples; ++i) {
      to[i] = static_cast<std::uint16_t>(std::clamp(to[i] + 257 * (now[i] - old[i]), 0, 65535));
    }
  }
}

}  // namespace

Image matte_for(ImageView small, ImageView photo, const CutoutOptions& options) {
  Image matte =
      options.refine == Refine::none ? resize(small, photo.size(), Filter::bilinear) : enlarge_guided(small, photo);
  if (options.threshold) cut(matte, *options.threshold);
  return options.feather > 0.0F ? gaussian_blur(matte, options.feather) : std::move(matte);
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

void multiply(Image& matte, ImageView alpha) {
  if (alpha.type() == PixelType::u16) {
    multiply_by<std::uint16_t>(matte, alpha, 65535.0F);
  } else {
    multiply_by<std::uint8_t>(matte, alpha, 255.0F);
  }
}

Image subject_colours(Image colours, ImageView matte) {
  if (colours.type() == PixelType::u8) return estimate_foreground(colours, matte);
  const Image before = to_u8(colours);
  shift(colours, before, estimate_foreground(before, matte));
  return colours;
}

}  // namespace pixmill::tasks
