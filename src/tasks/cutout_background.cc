#include "tasks/cutout_background.h"

#include <algorithm>

#include "core/blur.h"
#include "core/composite.h"
#include "core/resize.h"

namespace pixmill::tasks {
namespace {

constexpr float kBlurShare = 0.02F;    // of the longer side: the default standard deviation
constexpr float kSmallSigma = 8.0F;    // a blur this wide, or wider, hides that it was made on a reduced picture

// The photo's colours in the measure of what is background, and that measure: u8, 4 channels.
Image background_only(ImageView photo, ImageView matte) {
  Image result(photo.size(), 4);
  for (int y = 0; y < photo.height(); ++y) {
    const std::uint8_t* from = photo.row<std::uint8_t>(y);
    const float* alpha = matte.row<float>(y);
    std::uint8_t* to = result.row<std::uint8_t>(y);
    for (int x = 0; x < photo.width(); ++x, from += 3, to += 4) {
      const float share = 1.0F - alpha[x];
      for (int c = 0; c < 3; ++c) to[c] = static_cast<std::uint8_t>(static_cast<float>(from[c]) * share + 0.5F);
      to[3] = static_cast<std::uint8_t>(255.0F * share + 0.5F);
    }
  }
  return result;
}

// A Gaussian blur, done on a reduced picture where it is wide.
Image blurred_at_ease(Image image, float sigma) {
  const int factor = static_cast<int>(sigma / kSmallSigma);
  if (factor < 2) return gaussian_blur(image, sigma);
  const Size size = image.size();
  const Size small = {std::max(1, size.width / factor), std::max(1, size.height / factor)};
  image = resize(image, small, Filter::box);
  image = gaussian_blur(image, sigma / static_cast<float>(factor));
  return resize(image, size, Filter::bilinear);
}

// Where no background is near, which the subject hides, the photo itself stays.
Image blurred(ImageView photo, ImageView matte, float sigma) {
  if (sigma <= 0.0F) sigma = kBlurShare * static_cast<float>(std::max(photo.width(), photo.height()));
  const Image smooth = blurred_at_ease(background_only(photo, matte), sigma);
  Image result = copy(photo);
  for (int y = 0; y < photo.height(); ++y) {
    const std::uint8_t* from = smooth.row<std::uint8_t>(y);
    std::uint8_t* to = result.row<std::uint8_t>(y);
    for (int x = 0; x < photo.width(); ++x, from += 4, to += 3) {
      if (from[3] == 0) continue;
      const float scale = 255.0F / static_cast<float>(from[3]);
      for (int c = 0; c < 3; ++c) {
        to[c] = static_cast<std::uint8_t>(std::min(static_cast<float>(from[c]) * scale + 0.5F, 255.0F));
      }
    }
  }
  return result;
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

Image lay_on(Image subject, const Background& background, const Frame& frame, ImageView photo, ImageView matte) {
  switch (background.kind) {
    case Background::Kind::none: break;
    case Background::Kind::colour: return over_colour(subject, background.colour);
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
