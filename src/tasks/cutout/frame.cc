#include "tasks/cutout/frame.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "pixmill/core/composite.h"
#include "pixmill/core/resize.h"
#include "tasks/cutout/shadow.h"

namespace pixmill::tasks {
namespace {

constexpr float kVisible = 25.0F / 255.0F;  // what counts as subject: faint noise must not widen the box

int rounded(double value) {
  return static_cast<int>(std::lround(value));
}

Rect intersection(const Rect& a, const Rect& b) {
  const int x = std::max(a.x, b.x), y = std::max(a.y, b.y);
  return {x, y, std::min(a.x + a.width, b.x + b.width) - x, std::min(a.y + a.height, b.y + b.height) - y};
}

// The part of the photo that must be seen; with a shadow it may reach beyond the photo.
Rect subject_box(const Matte& matte, const CutoutOptions& options) {
  const Rect bounds = matte.bounds(kVisible);
  if (bounds.width == 0) return {0, 0, matte.width(), matte.height()};
  if (!options.shadow) return bounds;
  const ShadowReach reach = shadow_reach({bounds.width, bounds.height});
  return {bounds.x - reach.side, bounds.y, bounds.width + 2 * reach.side, bounds.height + reach.below};
}

Frame on_canvas(const Rect& box, const Rect& crop, Size canvas, float margin) {
  const int border = rounded(static_cast<double>(margin) * std::min(canvas.width, canvas.height));
  const Size inner = {std::max(1, canvas.width - 2 * border), std::max(1, canvas.height - 2 * border)};
  const Size scaled_box = fit({box.width, box.height}, inner);
  const double across = static_cast<double>(scaled_box.width) / box.width;
  const double down = static_cast<double>(scaled_box.height) / box.height;
  Frame frame{crop,
              {std::max(1, rounded(crop.width * across)), std::max(1, rounded(crop.height * down))},
              canvas,
              (canvas.width - scaled_box.width) / 2 + rounded((crop.x - box.x) * across),
              (canvas.height - scaled_box.height) / 2 + rounded((crop.y - box.y) * down)};
  frame.x = std::clamp(frame.x, 0, std::max(0, canvas.width - frame.scaled.width));
  frame.y = std::clamp(frame.y, 0, std::max(0, canvas.height - frame.scaled.height));
  return frame;
}

Frame trimmed(const Rect& box, const Rect& crop, float margin) {
  const int border = rounded(static_cast<double>(margin) * std::min(box.width, box.height));
  return {crop,
          {crop.width, crop.height},
          {box.width + 2 * border, box.height + 2 * border},
          crop.x - box.x + border,
          crop.y - box.y + border};
}

// Colours times alpha, 16 bits, so that a filter does not mix in invisible colours.
template <typename T>
Image premultiplied(ImageView rgba) {
  using Product = std::conditional_t<sizeof(T) == 1, std::uint32_t, std::uint64_t>;  // the narrower vectorises better
  constexpr Product kFull = std::numeric_limits<T>::max();
  constexpr Product kWiden = 65535 / kFull;
  Image result(rgba.size(), 4, PixelType::u16);
  for (int y = 0; y < rgba.height(); ++y) {
    const T* from = rgba.row<T>(y);
    std::uint16_t* to = result.row<std::uint16_t>(y);
    for (int x = 0; x < rgba.width(); ++x, from += 4, to += 4) {
      const Product alpha = from[3];
      for (int c = 0; c < 3; ++c) to[c] = static_cast<std::uint16_t>((from[c] * alpha * kWiden + kFull / 2) / kFull);
      to[3] = static_cast<std::uint16_t>(alpha * kWiden);
    }
  }
  return result;
}

template <typename T>
Image straight(const Image& premultiplied) {
  constexpr std::uint32_t kFull = std::numeric_limits<T>::max();
  constexpr std::uint32_t kNarrow = 65535 / kFull;
  Image result(premultiplied.size(), 4, pixel_type_of<T>());
  for (int y = 0; y < premultiplied.height(); ++y) {
    const std::uint16_t* from = premultiplied.row<std::uint16_t>(y);
    T* to = result.row<T>(y);
    for (int x = 0; x < premultiplied.width(); ++x, from += 4, to += 4) {
      const float scale = from[3] == 0 ? 0.0F : static_cast<float>(kFull) / static_cast<float>(from[3]);
      for (int c = 0; c < 3; ++c) {
        to[c] = static_cast<T>(std::min(static_cast<float>(from[c]) * scale + 0.5F, static_cast<float>(kFull)));
      }
      to[3] = static_cast<T>((from[3] + kNarrow / 2) / kNarrow);
    }
  }
  return result;
}

template <typename T>
Image resize_rgba(ImageView rgba, Size size) {
  return straight<T>(resize(premultiplied<T>(rgba), size, Filter::lanczos3));
}

Image scale(ImageView image, Size size) {
  if (image.channels() != 4) return resize(image, size, Filter::lanczos3);
  return image.type() == PixelType::u8 ? resize_rgba<std::uint8_t>(image, size)
                                       : resize_rgba<std::uint16_t>(image, size);
}

}  // namespace

Frame frame_of(const Matte& matte, const CutoutOptions& options) {
  const Rect photo = {0, 0, matte.width(), matte.height()};
  if (!options.trim && !options.canvas) return {photo, matte.size(), matte.size(), 0, 0};
  const Rect box = subject_box(matte, options);
  const Rect crop = intersection(box, photo);
  return options.canvas ? on_canvas(box, crop, *options.canvas, options.margin) : trimmed(box, crop, options.margin);
}

Image show(Image photo, const Frame& frame) {
  if (frame == Frame{{0, 0, photo.width(), photo.height()}, photo.size(), photo.size(), 0, 0}) return photo;
  const ImageView crop = photo.view().crop(frame.crop);
  if (!frame.scales()) return place(crop, frame.canvas, frame.x, frame.y);
  Image scaled = scale(crop, frame.scaled);
  return frame.fills() ? std::move(scaled) : place(scaled, frame.canvas, frame.x, frame.y);
}

}  // namespace pixmill::tasks
