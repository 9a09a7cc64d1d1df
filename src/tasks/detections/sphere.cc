#include "tasks/detections/sphere.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "pixmill/core/resize.h"

namespace pixmill::tasks {
namespace {

using Axis = SphereView::Axis;
using std::numbers::pi;

constexpr int kAround = 6, kSlanting = 3;
constexpr double kSlant = 55;  // degrees

float dot(const Axis& a, const Axis& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

// In degrees: to the right and up.
SphereView view_to(double yaw, double pitch) {
  const double a = yaw * pi / 180, b = pitch * pi / 180;
  const double sa = std::sin(a), ca = std::cos(a), sb = std::sin(b), cb = std::cos(b);
  const auto axis = [](double x, double y, double z) {
    return Axis{static_cast<float>(x), static_cast<float>(y), static_cast<float>(z)};
  };
  return {axis(ca, 0, -sa), axis(sb * sa, -cb, sb * ca), axis(cb * sa, sb, cb * ca)};
}

Axis way_to(const SphereView& view, ViewPlace at) {
  const auto along = [&](float right, float down, float forward) { return at.x * right + at.y * down + forward; };
  return {along(view.right.x, view.down.x, view.forward.x), along(view.right.y, view.down.y, view.forward.y),
          along(view.right.z, view.down.z, view.forward.z)};
}

// Of a panorama of that size: x from its left edge, y from its top.
Point pixel_of(const Axis& way, Size size) {
  constexpr auto kPi = std::numbers::pi_v<float>;
  const float yaw = std::atan2(way.x, way.z), pitch = std::atan2(way.y, std::sqrt(way.x * way.x + way.z * way.z));
  return {(yaw / (2 * kPi) + 0.5F) * static_cast<float>(size.width),
          (0.5F - pitch / kPi) * static_cast<float>(size.height)};
}

// Whether a part of a view has the pole in it or beside it, where columns are near to each other.
bool is_near_pole(const SphereView& view, ViewPlace first, ViewPlace last) {
  constexpr float kNear = 0.1F;
  if (view.forward.y == 0) return false;
  const float x = view.right.y / view.forward.y, y = view.down.y / view.forward.y;
  return x > first.x - kNear && x < last.x + kNear && y > first.y - kNear && y < last.y + kNear;
}

// Bilinear, around the left and right edges.
class Sampler {
 public:
  explicit Sampler(ImageView picture) : picture_(picture) {}

  void sample(Point at, std::uint8_t* out) const {
    const float x = at.x - 0.5F, y = at.y - 0.5F;
    const float left = std::floor(x), top = std::floor(y);
    const int x0 = wrapped(static_cast<int>(left)), x1 = wrapped(static_cast<int>(left) + 1);
    const int last = picture_.height() - 1;
    const auto* upper = picture_.row<std::uint8_t>(std::clamp(static_cast<int>(top), 0, last));
    const auto* lower = picture_.row<std::uint8_t>(std::clamp(static_cast<int>(top) + 1, 0, last));
    const float along = x - left, below = y - top;
    for (int c = 0; c < 3; ++c) {
      const auto between = [&](const std::uint8_t* row) {
        const float one = row[3 * x0 + c], other = row[3 * x1 + c];
        return one + along * (other - one);
      };
      const float high = between(upper);
      out[c] = static_cast<std::uint8_t>(high + below * (between(lower) - high) + 0.5F);
    }
  }

 private:
  int wrapped(int x) const {
    const int width = picture_.width();
    return x < 0 ? x + width : x >= width ? x - width : x;
  }

  const ImageView picture_;
};

}  // namespace

std::span<const SphereView> sphere_views() {
  static const std::vector<SphereView> views = [] {
    std::vector<SphereView> all;
    for (int i = 0; i < kAround; ++i) all.push_back(view_to(i * 360.0 / kAround, 0));
    for (int i = 0; i < kSlanting; ++i) {
      for (const double pitch : {kSlant, -kSlant}) all.push_back(view_to(i * 360.0 / kSlanting, pitch));
    }
    for (const double pitch : {90.0, -90.0}) all.push_back(view_to(0, pitch));
    return all;
  }();
  return views;
}

Sphere::Sphere(Size picture) : size_(picture) {
  for (int x = 0; x < size_.width; ++x) {
    const double yaw = ((x + 0.5) / size_.width - 0.5) * 2 * pi;
    sin_of_column_.push_back(static_cast<float>(std::sin(yaw)));
    cos_of_column_.push_back(static_cast<float>(std::cos(yaw)));
  }
  for (int y = 0; y < size_.height; ++y) {
    const double pitch = (0.5 - (y + 0.5) / size_.height) * pi;
    sin_of_row_.push_back(static_cast<float>(std::sin(pitch)));
    cos_of_row_.push_back(static_cast<float>(std::cos(pitch)));
  }
}

Axis Sphere::direction(int x, int y) const {
  const auto column = static_cast<std::size_t>(x), row = static_cast<std::size_t>(y);
  return {cos_of_row_[row] * sin_of_column_[column], sin_of_row_[row], cos_of_row_[row] * cos_of_column_[column]};
}

float Sphere::nearness(const SphereView& view, int x, int y) const {
  return dot(direction(x, y), view.forward);
}

std::optional<ViewPlace> Sphere::place(const SphereView& view, int x, int y) const {
  return column(view, x).place(y);
}

Sphere::Column::Column(const Sphere& sphere, const SphereView& view, int x) : sphere_(sphere) {
  const Axis level{sphere.sin_of_column_[static_cast<std::size_t>(x)], 0,
                   sphere.cos_of_column_[static_cast<std::size_t>(x)]};
  wide_ = {dot(level, view.right), dot(level, view.down), dot(level, view.forward)};
  high_ = {view.right.y, view.down.y, view.forward.y};
}

Point Sphere::pixel(const SphereView& view, ViewPlace place) const {
  return pixel_of(way_to(view, place), size_);
}

Sphere::Range Sphere::range_of(const SphereView& view, ViewPlace first, ViewPlace last) const {
  constexpr int kSteps = 64;
  constexpr int kSpare = 2;  // pixels
  std::vector<Point> edge;
  for (int side = 0; side < 4; ++side) {
    for (int i = 0; i < kSteps; ++i) {
      const float t = static_cast<float>(i) / kSteps;
      const float x = first.x + t * (last.x - first.x), y = first.y + t * (last.y - first.y);
      const float back_x = last.x - t * (last.x - first.x), back_y = last.y - t * (last.y - first.y);
      const std::array<ViewPlace, 4> on = {{{x, first.y}, {last.x, y}, {back_x, last.y}, {first.x, back_y}}};
      edge.push_back(pixel(view, on[static_cast<std::size_t>(side)]));
    }
  }
  const auto width = static_cast<float>(size_.width);
  float top = edge[0].y, bottom = edge[0].y, left = edge[0].x, right = edge[0].x, at = edge[0].x;
  for (const Point& point : edge) {
    top = std::min(top, point.y);
    bottom = std::max(bottom, point.y);
    at += std::remainder(point.x - at, width);  // the shorter way around
    left = std::min(left, at);
    right = std::max(right, at);
  }
  const bool around_pole = is_near_pole(view, first, last);
  if (around_pole && view.forward.y > 0) top = 0;
  if (around_pole && view.forward.y < 0) bottom = static_cast<float>(size_.height);
  Range range;
  range.top = std::max(0, static_cast<int>(std::floor(top)) - kSpare);
  range.bottom = std::min(size_.height, static_cast<int>(std::ceil(bottom)) + kSpare);
  range.columns = static_cast<int>(std::ceil(right - left)) + 2 * kSpare + 1;
  range.left = static_cast<int>(std::floor(left)) - kSpare;
  range.left = ((range.left % size_.width) + size_.width) % size_.width;
  if (around_pole || range.columns >= size_.width) {
    range.left = 0;
    range.columns = size_.width;
  }
  return range;
}

Image rendered(ImageView panorama, const SphereView& view, int side) {
  Image picture({side, side}, 3);
  const Sampler sampler(panorama);
  const auto place = [&](int i) { return (2 * static_cast<float>(i) + 1) / static_cast<float>(side) - 1; };
  for (int y = 0; y < side; ++y) {
    auto* row = picture.row<std::uint8_t>(y);
    for (int x = 0; x < side; ++x)
      sampler.sample(pixel_of(way_to(view, {place(x), place(y)}), panorama.size()), row + 3 * x);
  }
  return picture;
}

int width_for(int side) {
  return static_cast<int>(std::lround(pi * side / 2)) * 2;
}

Image at_scale(Image panorama, int side) {
  const int width = width_for(side);
  if (3 * panorama.width() <= 4 * width) return panorama;  // sampling leaves nothing out, and a resize would blur
  return resize(panorama, {width, width / 2}, Filter::bilinear);
}

}  // namespace pixmill::tasks
