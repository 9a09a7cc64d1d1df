#include "tasks/cutout/shadow.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "pixmill/core/blur.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/resize.h"

namespace pixmill::tasks {
namespace {

constexpr std::uint8_t kVisible = 25;  // alpha of 255 that casts a shadow

// One of the two shadows. Lengths in shares of the subject's shorter side. The silhouette's lowest `part` is squashed
// to `height`, laid with most of it above the subject's lower edge, as feet stand behind each other, and blurred by
// `softness`.
struct Layer {
  float part;
  float height;
  float softness;
  float darkness;
};
constexpr float kAboveEdge = 0.8F;  // of a squashed silhouette's height
constexpr std::array<Layer, 2> kLayers = {{{1.0F, 0.10F, 0.045F, 0.45F}, {0.15F, 0.03F, 0.015F, 0.55F}}};

int pixels(float share, int side) {
  return std::max(1, static_cast<int>(std::lround(share * static_cast<float>(side))));
}

int shorter_side(Size size) {
  return std::min(size.width, size.height);
}

int blur_reach(const Layer& layer, int side) {
  return pixels(2.5F * layer.softness, side);
}

// The subject's alpha, 0..1.
Image silhouette(const Image& picture, const Rect& box) {
  const bool deep = picture.type() == PixelType::u16;
  Image result({box.width, box.height}, 1, PixelType::f32);
  for (int y = 0; y < box.height; ++y) {
    float* to = result.row<float>(y);
    for (int x = 0; x < box.width; ++x) {
      const int at = 4 * (box.x + x) + 3;
      to[x] = deep ? static_cast<float>(picture.row<std::uint16_t>(box.y + y)[at]) / 65535.0F
                   : static_cast<float>(picture.row<std::uint8_t>(box.y + y)[at]) / 255.0F;
    }
  }
  return result;
}

// A layer's darkness on `ground`, a window on the picture around the subject's lower edge.
Image darkness_of(const Layer& layer, const Image& subject, const Rect& box, const Rect& ground) {
  const int side = shorter_side(subject.size());
  const int part = std::clamp(pixels(layer.part, subject.height()), 1, subject.height());
  const Size squashed = {subject.width(), pixels(layer.height, side)};
  const Image shape =
      resize(subject.view().crop({0, subject.height() - part, subject.width(), part}), squashed, Filter::bilinear);
  const int bottom = box.y + box.height;
  const int above = static_cast<int>(kAboveEdge * static_cast<float>(squashed.height));
  const Image placed = place(shape, {ground.width, ground.height}, box.x - ground.x, bottom - above - ground.y);
  return gaussian_blur(placed, layer.softness * static_cast<float>(side));
}

// Black of the given darkness behind a row of pixels.
template <typename T>
void lay_behind(const float* darkness, int width, T* rgba) {
  constexpr float kFull = std::numeric_limits<T>::max();
  for (int x = 0; x < width; ++x, rgba += 4) {
    const float alpha = static_cast<float>(rgba[3]) / kFull;
    const float joint = alpha + darkness[x] * (1.0F - alpha);
    if (joint <= alpha) continue;
    for (int c = 0; c < 3; ++c) rgba[c] = static_cast<T>(static_cast<float>(rgba[c]) * (alpha / joint) + 0.5F);
    rgba[3] = static_cast<T>(joint * kFull + 0.5F);
  }
}

}  // namespace

ShadowReach shadow_reach(Size subject) {
  const int side = shorter_side(subject);
  ShadowReach reach;
  for (const Layer& layer : kLayers) {
    const int blur = blur_reach(layer, side);
    const int height = pixels(layer.height, side);
    reach.side = std::max(reach.side, blur);
    reach.above = std::max(reach.above, blur + height);
    reach.below = std::max(reach.below, blur + height - static_cast<int>(kAboveEdge * static_cast<float>(height)));
  }
  return reach;
}

void cast_shadow(Image& picture) {
  const Rect box = opaque_bounds(picture, kVisible);
  if (box.width == 0) return;
  const Image subject = silhouette(picture, box);
  const ShadowReach reach = shadow_reach(subject.size());
  const int bottom = box.y + box.height;
  const Rect ground = {box.x - reach.side, bottom - reach.above, box.width + 2 * reach.side, reach.above + reach.below};

  const Image wide = darkness_of(kLayers[0], subject, box, ground);
  const Image narrow = darkness_of(kLayers[1], subject, box, ground);
  const int left = std::max(ground.x, 0), right = std::min(ground.x + ground.width, picture.width());
  std::vector<float> darkness(static_cast<std::size_t>(std::max(right - left, 0)));
  for (int y = std::max(ground.y, 0); y < std::min(ground.y + ground.height, picture.height()); ++y) {
    const float* one = wide.row<float>(y - ground.y) + (left - ground.x);
    const float* other = narrow.row<float>(y - ground.y) + (left - ground.x);
    for (std::size_t i = 0; i < darkness.size(); ++i) {
      darkness[i] = 1.0F - (1.0F - kLayers[0].darkness * one[i]) * (1.0F - kLayers[1].darkness * other[i]);
    }
    const int width = static_cast<int>(darkness.size());
    if (picture.type() == PixelType::u16) {
      lay_behind(darkness.data(), width, picture.row<std::uint16_t>(y) + 4 * left);
    } else {
      lay_behind(darkness.data(), width, picture.row<std::uint8_t>(y) + 4 * left);
    }
  }
}

}  // namespace pixmill::tasks
