#include "pixmill/core/foreground.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "core/bilinear_rows.h"
#include "core/edge_kernels.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

constexpr int kWorkingSide = 128;         // longer side of the reduced picture; up to 400 the error hardly falls
constexpr float kRegularisation = 1e-5F;  // how strongly neighbours of equal alpha hold together
constexpr int kSmallSide = 32;            // up to this size a level is nearly solved, above only corrected
constexpr int kSmallIterations = 10;
constexpr int kLargeIterations = 2;

// A level of the pyramid. `observed` and `alpha` are given, `colours` wanted.
struct Level {
  Image observed;  // f32 RGB and nothing
  Image alpha;     // f32
  Image colours;   // f32, kColours channels
};

Size level_size(Size full, int level, int levels) {
  const double share = levels == 0 ? 1.0 : static_cast<double>(level) / levels;
  const auto at = [share](int extent) { return std::max(1, static_cast<int>(std::lround(std::pow(extent, share)))); };
  return {at(full.width), at(full.height)};
}

Image nearest(const Image& image, Size size) {
  Image result(size, image.channels(), PixelType::f32);
  const int channels = image.channels();
  for (int y = 0; y < size.height; ++y) {
    const float* from = image.row<float>(y * image.height() / size.height);
    float* to = result.row<float>(y);
    for (int x = 0; x < size.width; ++x, to += channels) {
      std::copy_n(from + static_cast<std::ptrdiff_t>(x) * image.width() / size.width * channels, channels, to);
    }
  }
  return result;
}

Image as_f32(ImageView rgb) {
  Image result(rgb.size(), 4, PixelType::f32);
  for (int y = 0; y < rgb.height(); ++y) {
    const std::uint8_t* from = rgb.row<std::uint8_t>(y);
    float* to = result.row<float>(y);
    for (int x = 0; x < rgb.width(); ++x, from += 3, to += 4) {
      for (int c = 0; c < 3; ++c) to[c] = static_cast<float>(from[c]) * (1.0F / 255.0F);
      to[3] = 0.0F;
    }
  }
  return result;
}

// One pixel that starts the pyramid: mean colours of what surely is foreground and background.
Image mean_colours(const Image& observed, const Image& alpha) {
  std::array<double, kColours> sum{};
  double foreground = 0.0, background = 0.0;
  for (int y = 0; y < alpha.height(); ++y) {
    const float *colour = observed.row<float>(y), *cover = alpha.row<float>(y);
    for (int x = 0; x < alpha.width(); ++x, colour += 4) {
      const bool inside = cover[x] > 0.9F, outside = cover[x] < 0.1F;
      foreground += inside;
      background += outside;
      for (int c = 0; c < 3; ++c) {
        sum[c] += inside * colour[c];
        sum[4 + c] += outside * colour[c];
      }
    }
  }
  Image result({1, 1}, kColours, PixelType::f32);
  for (int c = 0; c < kColours; ++c) {
    const double count = c < 4 ? foreground : background;
    result.row<float>(0)[c] = count > 0.0 ? static_cast<float>(sum[c] / count) : 0.5F;
  }
  return result;
}

// Foreground and background of one pixel that explain its colour and are near to those of the neighbours: the minimum
// of (alpha F + (1 - alpha) B - I)^2 + sum of weight * ((F - F_n)^2 + (B - B_n)^2), clamped to 0..1.
void solve_pixel(const float* observed, float alpha, const std::array<const float*, 4>& neighbours,
                 const std::array<float, 4>& weights, float* colours) {
  float total = 0.0F;
  std::array<float, kColours> sum{};
  for (int n = 0; n < 4; ++n) {
    total += weights[n];
    for (int c = 0; c < kColours; ++c) sum[c] += weights[n] * neighbours[n][c];
  }
  const float clear = 1.0F - alpha;
  const float inverse = 1.0F / (total * (total + alpha * alpha + clear * clear));
  for (int c = 0; c < 4; ++c) {
    const float f = sum[c] + alpha * observed[c];
    const float b = sum[4 + c] + clear * observed[c];
    colours[c] = std::clamp(((clear * clear + total) * f - alpha * clear * b) * inverse, 0.0F, 1.0F);
    colours[4 + c] = std::clamp(((alpha * alpha + total) * b - alpha * clear * f) * inverse, 0.0F, 1.0F);
  }
}

void solve_at(Level& level, int x, int y) {
  const int above = std::max(y - 1, 0), below = std::min(y + 1, level.alpha.height() - 1);
  const int left = std::max(x - 1, 0), right = std::min(x + 1, level.alpha.width() - 1);
  const float* alpha = level.alpha.row<float>(y);
  float* colours = level.colours.row<float>(y);
  const auto weight = [&](float other) { return kRegularisation + std::abs(other - alpha[x]); };
  solve_pixel(level.observed.row<float>(y) + 4 * x, alpha[x],
              {level.colours.row<float>(above) + kColours * x, level.colours.row<float>(below) + kColours * x,
               colours + kColours * left, colours + kColours * right},
              {weight(level.alpha.row<float>(above)[x]), weight(level.alpha.row<float>(below)[x]), weight(alpha[left]),
               weight(alpha[right])},
              colours + kColours * x);
}

// One pass over a level, in place, so that changes spread along with it: each pixel is solved after those above and
// to the left. As it waits for the one to the left, kRowsAtOnce rows go on side by side, each a column behind the row
// above it.
void sweep(Level& level) {
  constexpr int kRowsAtOnce = 4;
  const int width = level.alpha.width(), height = level.alpha.height();
  for (int top = 0; top < height; top += kRowsAtOnce) {
    const int rows = std::min(kRowsAtOnce, height - top);
    for (int step = 0; step < width + rows - 1; ++step) {
      for (int k = std::max(0, step - width + 1); k < std::min(rows, step + 1); ++k) solve_at(level, step - k, top + k);
    }
  }
}

// Colours of the reduced picture: f32, kColours channels.
Image solve_pyramid(const Image& observed, const Image& alpha) {
  const Size full = alpha.size();
  const int levels = static_cast<int>(std::ceil(std::log2(std::max(full.width, full.height))));
  Image colours = mean_colours(observed, alpha);
  for (int i = 0; i <= levels; ++i) {
    const Size size = level_size(full, i, levels);
    Level level{nearest(observed, size), nearest(alpha, size), nearest(colours, size)};
    const int iterations = std::max(size.width, size.height) <= kSmallSide ? kSmallIterations : kLargeIterations;
    for (int k = 0; k < iterations; ++k) sweep(level);
    colours = std::move(level.colours);
  }
  return colours;
}

// The photo's detail on top of the smooth colours.
void correct_run(const EdgeKernels& kernels, BilinearRows<kColours>& smooth, const Matte::Run& run, Image& photo,
                 int y) {
  smooth.each_cell(y, run.begin, run.end,
                   [&](int x, int end, const float* left, const float* right, const float* weights) {
                     const float* const alpha = run.values + (x - run.begin);
                     const std::ptrdiff_t at = 3 * std::ptrdiff_t{x};
                     if (photo.type() == PixelType::u8) {
                       kernels.recolour(left, right, weights, alpha, end - x, photo.row<std::uint8_t>(y) + at);
                     } else {
                       kernels.recolour_deep(left, right, weights, alpha, end - x, photo.row<std::uint16_t>(y) + at);
                     }
                   });
}

Size working_size(Size photo) {
  const int longer = std::max(photo.width, photo.height);
  if (longer <= kWorkingSide) return photo;
  const auto reduced = [longer](int extent) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(extent) * kWorkingSide / longer)));
  };
  return {reduced(photo.width), reduced(photo.height)};
}

}  // namespace

Image estimate_foreground(Image photo, const Matte& matte) {
  assert(photo.size() == matte.size() && photo.channels() == 3 && photo.type() != PixelType::f32);
  const bool deep = photo.type() == PixelType::u16;
  const Size working = working_size(photo.size());
  const Image observed = deep ? resize(to_u8(photo), working, Filter::box) : resize(photo, working, Filter::box);
  const Image colours = solve_pyramid(as_f32(observed), matte.reduced(working));

  const EdgeKernels& kernels = edge_kernels();
  BilinearRows<kColours> smooth(colours, photo.size());
  for (int y = 0; y < photo.height(); ++y) {
    matte.each_run(y, [&](const Matte::Run& run) {
      if (run.values != nullptr) correct_run(kernels, smooth, run, photo, y);
    });
  }
  return photo;
}

}  // namespace pixmill
