#include "tasks/cutout/background.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "pixmill/core/blur.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/resize.h"

namespace pixmill::tasks {
namespace {

constexpr float kBlurShare = 0.02F;  // of the longer side: the default standard deviation
constexpr float kSmallSigma = 4.0F;  // a blur this wide, or wider, hides that it was made on a reduced picture
constexpr int kReduction = 4;        // from one width of blur to the next
constexpr int kSmallest = 8;         // pixels of the longer side at which even the widest blur sees everything
constexpr float kTrace = 1e-3F;      // weight below which the next wider blur takes over

// The photo's colours in the measure of what is background, and that measure: u8, 4 channels.
Image background_only(ImageView photo, const Matte& matte) {
  Image result(photo.size(), 4);
  std::vector<float> scratch;
  for (int y = 0; y < photo.height(); ++y) {
    const std::uint8_t* from = photo.row<std::uint8_t>(y);
    const float* alpha = matte.row(y, scratch);
    std::uint8_t* to = result.row<std::uint8_t>(y);
    for (int x = 0; x < photo.width(); ++x, from += 3, to += 4) {
      const float share = 1.0F - alpha[x];
      for (int c = 0; c < 3; ++c) to[c] = static_cast<std::uint8_t>(static_cast<float>(from[c]) * share + 0.5F);
      to[3] = static_cast<std::uint8_t>(255.0F * share + 0.5F);
    }
  }
  return result;
}

// Blurs weighted colours (f32, 4 channels: colours times weight, weight) and divides by the weight. Where little weight
// is near, ever wider blurs of ever smaller pictures take over, so that even a large hole is filled without a seam.
Image spread(Image weighted, float sigma) {
  const Size size = weighted.size();
  Image result = gaussian_blur(weighted, sigma);
  Image wider;
  if (std::max(size.width, size.height) > kSmallest) {
    const Size small = {std::max(1, size.width / kReduction), std::max(1, size.height / kReduction)};
    wider = resize(spread(resize(weighted, small, Filter::box), sigma), size, Filter::bilinear);
  }
  for (int y = 0; y < size.height; ++y) {
    float* to = result.row<float>(y);
    const float* from = wider.empty() ? nullptr : wider.row<float>(y);
    for (int i = 0; i < 4 * size.width; i += 4) {
      const float weight = to[i + 3] + kTrace;
      for (int c = i; c < i + 3; ++c) to[c] = (to[c] + kTrace * (from == nullptr ? 0.5F : from[c])) / weight;
    }
  }
  return result;
}

// The old background blurred without the subject: u8 RGB. Where the blur is wide, it is made on a reduced picture.
Image blurred(ImageView photo, const Matte& matte, float sigma) {
  if (sigma <= 0.0F) sigma = kBlurShare * static_cast<float>(std::max(photo.width(), photo.height()));
  const int factor = std::max(1, static_cast<int>(sigma / kSmallSigma));
  const Size size = {std::max(1, photo.width() / factor), std::max(1, photo.height() / factor)};
  Image weighted = to_f32(resize(background_only(photo, matte), size, Filter::box));
  const Image colours = to_u8(spread(std::move(weighted), sigma / static_cast<float>(factor)));
  Image result(size, 3);
  for (int y = 0; y < size.height; ++y) {
    const std::uint8_t* from = colours.row<std::uint8_t>(y);
    std::uint8_t* to = result.row<std::uint8_t>(y);
    for (int x = 0; x < size.width; ++x, from += 4, to += 3) std::copy_n(from, 3, to);
  }
  return resize(result, photo.size(), Filter::bilinear);
}

// The part of a picture of the photo's size that lies under the canvas, when it does so wholly and unscaled.
Image under(const Frame& frame, Image picture) {
  const Rect window = {frame.crop.x - frame.x, frame.crop.y - frame.y, frame.canvas.width, frame.canvas.height};
  const bool inside = window.x >= 0 && window.y >= 0 && window.x + window.width <= picture.width() &&
                      window.y + window.height <= picture.height();
  if (frame.scales() || !inside) return cover(picture, frame.canvas);
  return window.width == picture.width() && window.height == picture.height() ? std::move(picture)
                                                                              : copy(picture.view().crop(window));
}

// `subject` (RGBA) on a colour that lets through what lies under it: RGBA.
template <typename T>
void lay_on_translucent(Image& subject, const Background& background) {
  constexpr float kFull = std::numeric_limits<T>::max();
  const float below = static_cast<float>(background.alpha) / 255.0F;
  for (int y = 0; y < subject.height(); ++y) {
    T* pixel = subject.row<T>(y);
    for (int x = 0; x < subject.width(); ++x, pixel += 4) {
      const float above = static_cast<float>(pixel[3]) / kFull;
      const float rest = below * (1.0F - above);
      const float alpha = above + rest;  // never 0: the colour has some
      for (std::size_t c = 0; c < 3; ++c) {
        const float colour = static_cast<float>(background.colour[c]) / 255.0F * kFull;
        pixel[c] = static_cast<T>((static_cast<float>(pixel[c]) * above + colour * rest) / alpha + 0.5F);
      }
      pixel[3] = static_cast<T>(alpha * kFull + 0.5F);
    }
  }
}

Image over_translucent(Image subject, const Background& background) {
  subject.type() == PixelType::u16 ? lay_on_translucent<std::uint16_t>(subject, background)
                                   : lay_on_translucent<std::uint8_t>(subject, background);
  return subject;
}

Image over_picture_of_any_depth(const Image& subject, const Image& background) {
  if (subject.type() == background.type()) return over_picture(subject, background);
  return over_picture(subject, subject.type() == PixelType::u16 ? widened(background) : to_u8(background));
}

}  // namespace

Image widened(ImageView image) {
  Image result(image.size(), image.channels(), PixelType::u16);
  const int samples = image.width() * image.channels();
  for (int y = 0; y < image.height(); ++y) {
    const std::uint8_t* from = image.row<std::uint8_t>(y);
    std::uint16_t* to = result.row<std::uint16_t>(y);
    for (int i = 0; i < samples; ++i) to[i] = static_cast<std::uint16_t>(from[i] * 257);
  }
  return result;
}

Image lay_on(Image subject, const Background& background, const Frame& frame, ImageView photo, const Matte& matte) {
  switch (background.kind) {
    case Background::Kind::none: break;
    case Background::Kind::colour:
      if (!background.opaque()) return over_translucent(std::move(subject), background);
      return over_colour(subject, background.colour);
    case Background::Kind::picture: {
      const Image& picture = *background.picture;
      const bool plain = picture.channels() == 3 && picture.type() != PixelType::f32;
      return over_picture_of_any_depth(
          subject, plain ? cover(picture, subject.size()) : cover(to_rgb8(picture), subject.size()));
    }
    case Background::Kind::blur:
      return over_picture_of_any_depth(subject, under(frame, blurred(photo, matte, background.blur_radius)));
  }
  return subject;
}

}  // namespace pixmill::tasks
