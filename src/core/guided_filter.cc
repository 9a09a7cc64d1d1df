#include "core/guided_filter.h"

#include <algorithm>
#include <array>

#include "core/bilinear_rows.h"
#include "core/blur.h"
#include "core/resize.h"

namespace pixmill {
namespace {

constexpr float kCertain = 1.0F / 255.0F;    // this near to 0 or 1 the bilinear matte stays
constexpr float kUncertain = 11.0F / 255.0F;  // from here on the guided matte counts wholly

using Planes = std::array<Image, 3>;  // one colour each: f32, 1 channel

// What the photo's detail does to the matte, pixel by pixel of the matte's grid. Interleaved in this order.
struct Detail {
  float shift;     // added to the matte
  float slope[3];  // matte per colour
  float guide[3];  // the reduced photo
  float unused;    // eight floats make whole vectors
};
constexpr int kDetail = sizeof(Detail) / sizeof(float);

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

// Solves the symmetric positive definite system S slope = v in every pixel of a row, by S = L D L^T, which stays
// accurate in float where colours are nearly gray and S nearly singular. s: rr, rg, rb, gg, gb, bb.
void solve_row(const std::array<const float*, 6>& s, const std::array<const float*, 3>& v, float epsilon, int width,
               const std::array<float*, 3>& slope) {
  for (int x = 0; x < width; ++x) {
    const float d0 = s[0][x] + epsilon;
    const float l10 = s[1][x] / d0;
    const float l20 = s[2][x] / d0;
    const float d1 = s[3][x] + epsilon - l10 * s[1][x];
    const float rest = s[4][x] - l20 * s[1][x];
    const float l21 = rest / d1;
    const float d2 = s[5][x] + epsilon - l20 * s[2][x] - l21 * rest;
    const float y1 = v[1][x] - l10 * v[0][x];
    const float y2 = v[2][x] - l20 * v[0][x] - l21 * y1;
    slope[2][x] = y2 / d2;
    slope[1][x] = y1 / d1 - l21 * slope[2][x];
    slope[0][x] = v[0][x] / d0 - l10 * slope[1][x] - l20 * slope[2][x];
  }
}

// The linear function of colour that explains the matte around each pixel: matte = slope . colour + offset.
struct LinearFit {
  Planes slope;
  Image offset;
};

LinearFit fit_windows(const Planes& guide, const Image& matte, const GuidedOptions& options) {
  const auto mean = [&](const Image& plane) { return box_blur(plane, options.radius); };
  const Size size = matte.size();
  const Planes colour = {mean(guide[0]), mean(guide[1]), mean(guide[2])};
  const Image level = mean(matte);
  Planes with_matte;
  std::array<Image, 6> variance;
  for (int i = 0, k = 0; i < 3; ++i) {
    with_matte[i] = covariance(guide[i], matte, colour[i], level, options.radius);
    for (int j = i; j < 3; ++j) variance[k++] = covariance(guide[i], guide[j], colour[i], colour[j], options.radius);
  }

  LinearFit fit{{Image(size, 1, PixelType::f32), Image(size, 1, PixelType::f32), Image(size, 1, PixelType::f32)},
                Image(size, 1, PixelType::f32)};
  for (int y = 0; y < size.height; ++y) {
    std::array<const float*, 6> s;
    for (int k = 0; k < 6; ++k) s[k] = variance[k].row<float>(y);
    std::array<float*, 3> slope = {fit.slope[0].row<float>(y), fit.slope[1].row<float>(y), fit.slope[2].row<float>(y)};
    solve_row(s, {with_matte[0].row<float>(y), with_matte[1].row<float>(y), with_matte[2].row<float>(y)},
              options.epsilon, size.width, slope);
    const float *r = colour[0].row<float>(y), *g = colour[1].row<float>(y), *b = colour[2].row<float>(y);
    const float* mean_level = level.row<float>(y);
    float* offset = fit.offset.row<float>(y);
    for (int x = 0; x < size.width; ++x) {
      offset[x] = mean_level[x] - slope[0][x] * r[x] - slope[1][x] * g[x] - slope[2][x] * b[x];
    }
  }
  for (Image& slope : fit.slope) slope = mean(slope);
  fit.offset = mean(fit.offset);
  return fit;
}

// The fit as Detail structs, ready to be enlarged.
Image detail_of(const LinearFit& fit, const Planes& guide, const Image& matte, float pull) {
  Image result(matte.size(), kDetail, PixelType::f32);
  for (int y = 0; y < matte.height(); ++y) {
    Detail* out = reinterpret_cast<Detail*>(result.row<float>(y));
    const float *level = matte.row<float>(y), *offset = fit.offset.row<float>(y);
    for (int x = 0; x < matte.width(); ++x) {
      Detail detail{};
      float fitted = offset[x];
      for (int c = 0; c < 3; ++c) {
        detail.slope[c] = fit.slope[c].row<float>(y)[x];
        detail.guide[c] = guide[c].row<float>(y)[x];
        fitted += detail.slope[c] * detail.guide[c];
      }
      detail.shift = pull * (fitted - level[x]);
      out[x] = detail;
    }
  }
  return result;
}

// Adds the detail to the uncertain pixels of a row. `photo`: RGB.
void refine_row(const BilinearRows<kDetail>& details, const std::uint8_t* photo, int width, float* matte) {
  for (int x = 0; x < width; ++x) {
    const float bilinear = matte[x];
    const float doubt = std::min(bilinear, 1.0F - bilinear);
    if (doubt <= kCertain) continue;
    const std::array<float, kDetail> detail = details.at(x);
    float change = detail[0];
    for (int c = 0; c < 3; ++c) {
      change += detail[1 + c] * (static_cast<float>(photo[3 * x + c]) * (1.0F / 255.0F) - detail[4 + c]);
    }
    const float guided = std::clamp(bilinear + change, 0.0F, 1.0F);
    const float weight = std::min((doubt - kCertain) / (kUncertain - kCertain), 1.0F);
    matte[x] = bilinear + weight * (guided - bilinear);
  }
}

}  // namespace

Image enlarge_guided(ImageView matte, ImageView photo, const GuidedOptions& options) {
  Image result = resize(matte, photo.size(), Filter::bilinear);
  // Where the photo is smaller than the matte there is no detail to gain; the windows then lie on the photo's grid.
  const Size grid = {std::min(matte.width(), photo.width()), std::min(matte.height(), photo.height())};
  const Image level = resize(matte, grid, Filter::bilinear);
  const Planes guide = split(resize(photo, grid, Filter::box));
  const Image detail = detail_of(fit_windows(guide, level, options), guide, level, options.pull);

  BilinearRows<kDetail> details(detail, photo.size());
  for (int y = 0; y < photo.height(); ++y) {
    details.seek(y);
    refine_row(details, photo.row<std::uint8_t>(y), photo.width(), result.row<float>(y));
  }
  return result;
}

}  // namespace pixmill
