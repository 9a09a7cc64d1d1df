#include "pixmill/core/guided_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

float noise(std::uint32_t seed) {
  seed = (seed ^ 61U) ^ (seed >> 16);
  seed *= 9U;
  seed ^= seed >> 4;
  seed *= 0x27d4eb2dU;
  return static_cast<float>((seed ^ (seed >> 15)) & 0xffffU) / 65535.0F;
}

// Whether a point (0..1) lies on the subject: a wavy blob.
bool inside(double u, double v) {
  const double angle = std::atan2(v - 0.5, u - 0.5);
  return std::hypot(u - 0.5, v - 0.5) < 0.27 + 0.05 * std::sin(7.0 * angle);
}

Image truth(Size size) {
  Image mask(size, 1, PixelType::f32);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      mask.row<float>(y)[x] = inside((x + 0.5) / size.width, (y + 0.5) / size.height) ? 1.0F : 0.0F;
    }
  }
  return mask;
}

// Subject and background of two colours, both with texture.
Image photograph(Size size, float texture = 30.0F) {
  const Image mask = truth(size);
  Image photo(size, 3);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const float base = mask.row<float>(y)[x] > 0.5F ? 190.0F - 40.0F * c : 60.0F + 45.0F * c;
        const float grain = texture * (noise(static_cast<std::uint32_t>((y * size.width + x) * 3 + c)) - 0.5F);
        photo.row<std::uint8_t>(y)[3 * x + c] = static_cast<std::uint8_t>(std::lround(base + grain));
      }
    }
  }
  return photo;
}

double mean_difference(const Image& a, const Image& b) {
  double sum = 0.0;
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) sum += std::abs(a.row<float>(y)[x] - b.row<float>(y)[x]);
  }
  return sum / static_cast<double>(a.size().area());
}

// The definition, in double and slowly: every window on its own, a 3x3 system by Cramer's rule, bilinear by formula.
class Reference {
 public:
  Reference(ImageView matte, ImageView photo, GuidedOptions options)
      : size_(matte.size()),
        photo_(copy(photo)),
        options_(options),
        guide_(resize(photo, size_, Filter::box)),
        level_(copy(matte)),
        fits_(static_cast<std::size_t>(size_.area())),
        mean_fits_(fits_.size()) {
    each_pixel([this](int x, int y) { fits_[index(x, y)] = fit(x, y); });
    each_pixel([this](int x, int y) {
      Fit sum{};
      const int count = each_neighbour(x, y, [&](int u, int v) {
        for (int k = 0; k < 4; ++k) sum[k] += fits_[index(u, v)][k];
      });
      for (double& value : sum) value /= count;
      mean_fits_[index(x, y)] = sum;
    });
  }

  double at(int x, int y) const {
    const auto bilinear = enlarge(x, y, [this](int u, int v) { return double{level_.row<float>(v)[u]}; });
    const double doubt = std::min(bilinear, 1.0 - bilinear);
    double guided = enlarge(x, y, [this](int u, int v) {
      const Fit& model = mean_fits_[index(u, v)];
      double fitted = model[3];
      for (int c = 0; c < 3; ++c) fitted += model[c] * colour(u, v, c);
      const double level = level_.row<float>(v)[u];
      return level + options_.pull * (fitted - level);
    });
    for (int c = 0; c < 3; ++c) {
      const double slope = enlarge(x, y, [&](int u, int v) { return mean_fits_[index(u, v)][c]; });
      const double low = enlarge(x, y, [&](int u, int v) { return colour(u, v, c); });
      guided += slope * (photo_.row<std::uint8_t>(y)[3 * x + c] / 255.0 - low);
    }
    const double weight = std::clamp((doubt * 255.0 - 1.0) / 10.0, 0.0, 1.0);
    return bilinear + weight * (std::clamp(guided, 0.0, 1.0) - bilinear);
  }

 private:
  using Fit = std::array<double, 4>;  // slopes, offset

  std::size_t index(int x, int y) const { return static_cast<std::size_t>(y) * size_.width + x; }
  double colour(int x, int y, int c) const { return guide_.row<std::uint8_t>(y)[3 * x + c] / 255.0; }

  template <typename Do>
  void each_pixel(Do&& act) const {
    for (int y = 0; y < size_.height; ++y) {
      for (int x = 0; x < size_.width; ++x) act(x, y);
    }
  }

  template <typename Do>
  int each_neighbour(int x, int y, Do&& act) const {
    int count = 0;
    for (int v = std::max(0, y - options_.radius); v <= std::min(size_.height - 1, y + options_.radius); ++v) {
      for (int u = std::max(0, x - options_.radius); u <= std::min(size_.width - 1, x + options_.radius); ++u) {
        act(u, v);
        ++count;
      }
    }
    return count;
  }

  static double determinant(const std::array<std::array<double, 3>, 3>& m) {
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  }

  Fit fit(int x, int y) const {
    std::array<double, 3> mean{}, with{};
    std::array<std::array<double, 3>, 3> variance{};
    double level = 0.0;
    const int count = each_neighbour(x, y, [&](int u, int v) {
      level += level_.row<float>(v)[u];
      for (int i = 0; i < 3; ++i) mean[i] += colour(u, v, i);
    });
    level /= count;
    for (double& value : mean) value /= count;
    each_neighbour(x, y, [&](int u, int v) {
      for (int i = 0; i < 3; ++i) {
        with[i] += (colour(u, v, i) - mean[i]) * (level_.row<float>(v)[u] - level) / count;
        for (int j = 0; j < 3; ++j) variance[i][j] += (colour(u, v, i) - mean[i]) * (colour(u, v, j) - mean[j]) / count;
      }
    });
    for (int i = 0; i < 3; ++i) variance[i][i] += options_.epsilon;
    Fit result{0, 0, 0, level};
    for (int i = 0; i < 3; ++i) {
      auto replaced = variance;
      for (int k = 0; k < 3; ++k) replaced[k][i] = with[k];
      result[i] = determinant(replaced) / determinant(variance);
      result[3] -= result[i] * mean[i];
    }
    return result;
  }

  template <typename Value>
  double enlarge(int x, int y, Value&& value) const {
    const double u = std::clamp((x + 0.5) * size_.width / photo_.width() - 0.5, 0.0, size_.width - 1.0);
    const double v = std::clamp((y + 0.5) * size_.height / photo_.height() - 0.5, 0.0, size_.height - 1.0);
    const int u0 = static_cast<int>(u), v0 = static_cast<int>(v);
    const int u1 = std::min(u0 + 1, size_.width - 1), v1 = std::min(v0 + 1, size_.height - 1);
    const double above = value(u0, v0) + (u - u0) * (value(u1, v0) - value(u0, v0));
    const double below = value(u0, v1) + (u - u0) * (value(u1, v1) - value(u0, v1));
    return above + (v - v0) * (below - above);
  }

  Size size_;
  Image photo_;
  GuidedOptions options_;
  Image guide_, level_;
  std::vector<Fit> fits_, mean_fits_;
};

TEST(GuidedFilter, AgreesWithTheDefinition) {
  for (const int radius : {1, 2, 3}) {
    const Image photo = photograph({150, 97});
    const Image matte = resize(truth({150, 97}), {37, 31}, Filter::bilinear);
    const GuidedOptions options{radius, 3e-4F, 0.5F};
    const Image result = enlarge_guided(matte, photo, options, -1.0F).dense();
    const Reference reference(matte, photo, options);
    for (int y = 0; y < photo.height(); ++y) {
      for (int x = 0; x < photo.width(); ++x) {
        ASSERT_NEAR(result.row<float>(y)[x], reference.at(x, y), 1e-3) << x << "," << y << " radius " << radius;
      }
    }
  }
}

TEST(GuidedFilter, IsNearerToTheTruthThanBilinear) {
  for (const Size size : {Size{80, 80}, Size{640, 480}}) {
    const Image photo = photograph(size);
    const Image mask = truth(size);
    const Image matte = resize(mask, {64, 64}, Filter::box);
    const double bilinear = mean_difference(resize(matte, size, Filter::bilinear), mask);
    const double guided = mean_difference(enlarge_guided(matte, photo).dense(), mask);
    EXPECT_LT(guided, bilinear * (size.width > 100 ? 0.6 : 1.0)) << size.width;
  }
}

TEST(GuidedFilter, CertainPixelsStayWhateverTheTexture) {
  const Image photo = photograph({300, 300}, 120.0F);
  const Image matte = resize(truth({300, 300}), {60, 60}, Filter::box);
  const Image bilinear = resize(matte, photo.size(), Filter::bilinear);
  const Image guided = enlarge_guided(matte, photo).dense();
  int changed = 0;
  for (int y = 0; y < photo.height(); ++y) {
    for (int x = 0; x < photo.width(); ++x) {
      const float before = bilinear.row<float>(y)[x], after = guided.row<float>(y)[x];
      if (before <= 0.003F || before >= 0.997F) {
        ASSERT_EQ(before, after) << x << "," << y;
      }
      changed += before != after;
      ASSERT_TRUE(after >= 0.0F && after <= 1.0F);
    }
  }
  EXPECT_GT(changed, 500);
}

TEST(GuidedFilter, PhotosSmallerThanTheMatteAndOddSizes) {
  const Image matte = resize(truth({64, 64}), {40, 50}, Filter::bilinear);
  for (const Size size : {Size{1, 1}, Size{1, 90}, Size{90, 1}, Size{20, 20}, Size{20, 200}, Size{40, 50}}) {
    const Image photo = photograph(size);
    const Image result = enlarge_guided(matte, photo).dense();
    ASSERT_EQ(result.size(), size);
    EXPECT_LT(mean_difference(result, resize(matte, size, Filter::bilinear)), 0.1);
  }
}

}  // namespace
}  // namespace pixmill
