#include "pixmill/core/guided_filter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/bilinear_rows.h"
#include "core/edge_kernels.h"
#include "pixmill/core/blur.h"
#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

constexpr int kTile = 64;

using Planes = std::array<Image, 3>;  // one colour each: f32, 1 channel

Planes split(ImageView rgb) {
  Planes planes;
  for (int c = 0; c < 3; ++c) {
    planes[c] = Image(rgb.size(), 1, PixelType::f32);
    for (int y = 0; y < rgb.height(); ++y) {
      const std::uint8_t* from = rgb.row<std::uint8_t>(y) + c;
      float* to = planes[c].row<float>(y);
      for (int x = 0; x < rgb.width(); ++x) to[x] = static_cast<float>(from[3 * x]) * (1.0F / 255.0F);
    }
  }
  return planes;
}

// Mean of a * b - mean of a * mean of b, over windows.
Image covariance(const Image& a, const Image& b, const Image& mean_a, const Image& mean_b, int radius) {
  Image product(a.size(), 1, PixelType::f32);
  for (int y = 0; y < a.height(); ++y) {
    const float *one = a.row<float>(y), *other = b.row<float>(y);
    float* out = product.row<float>(y);
    for (int x = 0; x < a.width(); ++x) out[x] = one[x] * other[x];
  }
  Image result = box_blur(product, radius);
  for (int y = 0; y < a.height(); ++y) {
    const float *one = mean_a.row<float>(y), *other = mean_b.row<float>(y);
    float* out = result.row<float>(y);
    for (int x = 0; x < a.width(); ++x) out[x] -= one[x] * other[x];
  }
  return result;
}

// The symmetric matrices of a row of pixels, without their lower halves.
struct Symmetric {
  const float *rr, *rg, *rb, *gg, *gb, *bb;
};

// Solves (S + epsilon) slope = v in every pixel of a row and leaves the slopes in `r`, `g`, `b`, where v was. By
// S = L D L^T, which stays accurate in float where colours are nearly gray and S nearly singular. The planes must not
// overlap: saying so is what lets the loop become vectors.
void solve_row(const Symmetric& s, float epsilon, int width, float* __restrict r, float* __restrict g,
               float* __restrict b) {
  const float* __restrict rr = s.rr, * __restrict rg = s.rg, * __restrict rb = s.rb;
  const float* __restrict gg = s.gg, * __restrict gb = s.gb, * __restrict bb = s.bb;
  for (int x = 0; x < width; ++x) {
    const float d0 = 1.0F / (rr[x] + epsilon);
    const float l10 = rg[x] * d0;
    const float l20 = rb[x] * d0;
    const float d1 = 1.0F / (gg[x] + epsilon - l10 * rg[x]);
    const float rest = gb[x] - l20 * rg[x];
    const float l21 = rest * d1;
    const float d2 = bb[x] + epsilon - l20 * rb[x] - l21 * rest;
    const float y1 = g[x] - l10 * r[x];
    const float blue = (b[x] - l20 * r[x] - l21 * y1) / d2;
    const float green = y1 * d1 - l21 * blue;
    r[x] = r[x] * d0 - l10 * green - l20 * blue;
    g[x] = green;
    b[x] = blue;
  }
}

// The linear function of colour that explains the matte around each pixel: matte = slope . colour + offset.
struct LinearFit {
  Planes slope;
  Image offset;
};

LinearFit fit_windows(const Planes& guide, const Image& matte, const GuidedOptions& options) {
  const auto mean = [&](const Image& plane) { return box_blur(plane, options.radius); };
  const Planes colour = {mean(guide[0]), mean(guide[1]), mean(guide[2])};
  LinearFit fit;
  fit.offset = mean(matte);
  std::array<Image, 6> variance;
  for (int i = 0, k = 0; i < 3; ++i) {
    fit.slope[i] = covariance(guide[i], matte, colour[i], fit.offset, options.radius);
    for (int j = i; j < 3; ++j) variance[k++] = covariance(guide[i], guide[j], colour[i], colour[j], options.radius);
  }
  for (int y = 0; y < matte.height(); ++y) {
    const auto of = [&](int k) { return std::as_const(variance[k]).row<float>(y); };
    float *r = fit.slope[0].row<float>(y), *g = fit.slope[1].row<float>(y), *b = fit.slope[2].row<float>(y);
    solve_row({of(0), of(1), of(2), of(3), of(4), of(5)}, options.epsilon, matte.width(), r, g, b);
    const float *red = colour[0].row<float>(y), *green = colour[1].row<float>(y), *blue = colour[2].row<float>(y);
    float* offset = fit.offset.row<float>(y);
    for (int x = 0; x < matte.width(); ++x) offset[x] -= r[x] * red[x] + g[x] * green[x] + b[x] * blue[x];
  }
  for (Image& slope : fit.slope) slope = mean(slope);
  fit.offset = mean(fit.offset);
  return fit;
}

// `area` and `by` pixels around it, as far as there are any.
Rect grown(const Rect& area, int by, Size bounds) {
  const int x = std::max(area.x - by, 0), y = std::max(area.y - by, 0);
  return {x, y, std::min(area.x + area.width + by, bounds.width) - x,
          std::min(area.y + area.height + by, bounds.height) - y};
}

// Whether a pixel that is enlarged from `area` can be anything but surely 0, or surely 1.
bool is_uncertain(ImageView matte, const Rect& area) {
  float low = 1.0F, high = 0.0F;
  for (int y = area.y; y < area.y + area.height; ++y) {
    const auto [least, most] =
        std::minmax_element(matte.row<float>(y) + area.x, matte.row<float>(y) + area.x + area.width);
    low = std::min(low, *least);
    high = std::max(high, *most);
  }
  return high > kCertain && low < 1.0F - kCertain;
}

// Writes the Detail of `tile`, computed from a window around it that is wide enough to give what the whole would give.
void detail_in(const Rect& tile, ImageView guide, ImageView matte, const GuidedOptions& options, Image& details) {
  const Rect window = grown(tile, 2 * options.radius, matte.size());
  const Planes colours = split(guide.crop(window));
  const Image levels = copy(matte.crop(window));
  const LinearFit fit = fit_windows(colours, levels, options);
  for (int y = tile.y; y < tile.y + tile.height; ++y) {
    const int row = y - window.y;
    const float *level = levels.row<float>(row), *offset = fit.offset.row<float>(row);
    Detail* out = reinterpret_cast<Detail*>(details.row<float>(y)) + tile.x;
    for (int x = tile.x - window.x; x < tile.x - window.x + tile.width; ++x, ++out) {
      float fitted = offset[x];
      for (int c = 0; c < 3; ++c) {
        out->slope[c] = fit.slope[c].row<float>(row)[x];
        out->guide[c] = colours[c].row<float>(row)[x];
        fitted += out->slope[c] * out->guide[c];
      }
      out->shift = options.pull * (fitted - level[x]);
      out->unused = 0.0F;
    }
  }
}

void no_detail_in(const Rect& tile, Image& details) {
  for (int y = tile.y; y < tile.y + tile.height; ++y) {
    std::fill_n(reinterpret_cast<Detail*>(details.row<float>(y)) + tile.x, tile.width, Detail{});
  }
}

// Detail for every pixel of `matte`. In tiles: most of them are certain and cost nothing, the others stay in the cache.
Image details_of(ImageView guide, ImageView matte, const GuidedOptions& options) {
  Image details(matte.size(), kDetail, PixelType::f32);
  for (int y = 0; y < matte.height(); y += kTile) {
    for (int x = 0; x < matte.width(); x += kTile) {
      const Rect tile = {x, y, std::min(kTile, matte.width() - x), std::min(kTile, matte.height() - y)};
      if (is_uncertain(matte, grown(tile, 1, matte.size()))) {
        detail_in(tile, guide, matte, options, details);
      } else {
        no_detail_in(tile, details);
      }
    }
  }
  return details;
}

}  // namespace

Matte enlarge_guided(ImageView matte, const Image& photo, const GuidedOptions& options, float trace) {
  Matte result(matte, photo.size(), trace);
  // Where the photo is smaller than the matte there is no detail to gain; the windows then lie on the photo's grid.
  const Size grid = {std::min(matte.width(), photo.width()), std::min(matte.height(), photo.height())};
  const Image level = resize(matte, grid, Filter::bilinear);
  const Image small_details = details_of(resize(photo, grid, Filter::box), level, options);

  const EdgeKernels& kernels = edge_kernels();
  BilinearRows<kDetail> details(small_details, photo.size());
  for (int y = 0; y < photo.height(); ++y) {
    const std::uint8_t* const rgb = photo.row<std::uint8_t>(y);
    bool sought = false;
    result.change_runs(y, [&](int first, int last, float* values) {
      if (!std::exchange(sought, true)) details.seek(y);
      details.each_cell(first, last, [&](int x, int end, const float* left, const float* right, const float* weights) {
        kernels.refine(left, right, weights, rgb + 3 * std::ptrdiff_t{x}, end - x, values + (x - first));
      });
    });
  }
  return result;
}

}  // namespace pixmill
