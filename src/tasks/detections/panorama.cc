#include "tasks/detections/panorama.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numbers>
#include <string>
#include <utility>

#include "pixmill/core/error.h"
#include "tasks/detections/slices.h"

namespace pixmill::tasks {
namespace {

constexpr int kOff = 2;  // pixels that the width may differ from twice the height: programs round

void require_sphere(Size full, const std::string& name) {
  if (std::abs(full.width - 2 * full.height) <= kOff && full.height > kOff) return;
  throw Error(ErrorCode::unsupported,
              (name.empty() ? "the picture" : name) + " is " + std::to_string(full.width) + " x " +
                  std::to_string(full.height) + " pixels, and a panorama of the whole sphere is twice as wide as high",
              "leave --equirect out for this picture");
}

// Of the masks in a view: it has as many pixels in its middle as the panorama has there, or twice as many where these
// are few, since each pixel of the panorama then meets one that is nearer.
int side_of_view(Size panorama) {
  constexpr int kMany = 1536;
  const int side = std::max(1, static_cast<int>(std::lround(panorama.width / std::numbers::pi)));
  return std::max(side, std::min(2 * side, kMany));
}

// What one view showed is looked up from the panorama.
class Shape {
 public:
  Shape(const Detection& seen, int side) : side_(side), has_shape_(!seen.mask.empty()) {
    const Box& box = seen.box;
    const auto at = [&](float value) { return std::clamp(static_cast<int>(value), 0, side - 1); };
    const int left = at(std::floor(box.left)), top = at(std::floor(box.top));
    window_ = {left, top, at(std::ceil(box.right) - 1) - left + 1, at(std::ceil(box.bottom) - 1) - top + 1};
    if (!has_shape_) return;
    window_ = bounds(seen.mask);
    bitmap_ = bitmap_of(seen.mask, window_);
  }

  bool any() const { return window_.width > 0 && window_.height > 0; }

  bool has(ViewPlace place) const {
    const int x = pixel(place.x) - window_.x, y = pixel(place.y) - window_.y;
    if (x < 0 || y < 0 || x >= window_.width || y >= window_.height) return false;
    return !has_shape_ || bitmap_.row<std::uint8_t>(y)[x] != 0;
  }

  ViewPlace first() const { return {place(window_.x), place(window_.y)}; }
  ViewPlace last() const { return {place(window_.x + window_.width), place(window_.y + window_.height)}; }

 private:
  int pixel(float place) const {
    return std::min(side_ - 1, static_cast<int>((place + 1) * 0.5F * static_cast<float>(side_)));
  }
  float place(int pixel) const { return 2 * static_cast<float>(pixel) / static_cast<float>(side_) - 1; }

  const int side_;
  const bool has_shape_;
  Rect window_;
  Image bitmap_;
};

// Each pixel of the panorama asks the view.
RunMask mapped(const Shape& shape, const SphereView& view, const Sphere& sphere) {
  const int width = sphere.size().width;
  const Sphere::Range range = sphere.range_of(view, shape.first(), shape.last());
  RunMaskBuilder mask(sphere.size());
  const auto add_column = [&](int x) {
    int from = -1;
    const Sphere::Column column = sphere.column(view, x);
    for (int y = range.top; y < range.bottom; ++y) {
      const auto place = column.place(y);
      const bool inside = place && shape.has(*place);
      if (inside && from < 0) from = y;
      if (!inside && from >= 0) mask.add(x, std::exchange(from, -1), y);
    }
    if (from >= 0) mask.add(x, from, range.bottom);
  };
  const int end = range.left + range.columns;
  for (int x = 0; x < end - width; ++x) add_column(x);
  for (int x = range.left; x < std::min(end, width); ++x) add_column(x);
  return mask.take();
}

SphericPiece on_sphere(const Detection& seen, std::size_t number, int side, const Sphere& sphere) {
  const SphereView& view = sphere_views()[number];
  SphericPiece piece{{.box = seen.box}, number};
  piece.has_shape = !seen.mask.empty();
  piece.cut = is_cut(seen.box, {1, 1, side, side}, {side + 2, side + 2});  // a view's edges are not the picture's
  const Shape shape(seen, side);
  if (shape.any()) piece.thing.mask = mapped(shape, view, sphere);
  for (const Point& point : seen.points) {
    const auto place = [&](float at) { return 2 * at / static_cast<float>(side) - 1; };
    piece.thing.points.push_back(sphere.pixel(view, {place(point.x), place(point.y)}));
  }
  return piece;
}

}  // namespace

Detections look_around(Image picture, Size full, Context& context, const DetectOptions& options, const Look& look) {
  require_sphere(full, context.name());
  const Image panorama = at_scale(std::move(picture), look.side);
  const int side = side_of_view(full);
  const Sphere sphere(full);
  std::deque<Pending> waiting;
  for (const SphereView& view : sphere_views())
    waiting.push_back(context.infer(0, look.inputs(rendered(panorama, view, look.side), {side, side})));
  Detections found{full, 0, nullptr, {}};
  std::vector<SphericPiece> pieces;
  for (std::size_t i = 0; i < sphere_views().size(); ++i) {
    Detections seen = look.things(waiting.front().get(), {side, side});
    waiting.pop_front();
    found.confidence = seen.confidence;
    found.classes = seen.classes;
    for (const Detection& thing : seen.found) {
      SphericPiece piece = on_sphere(thing, i, side, sphere);
      if (area(piece.thing.mask) > 0) pieces.push_back(std::move(piece));
    }
  }
  found.found = assembled(std::move(pieces), sphere, look.by_pixels, options.across_classes, kKeptBoxes);
  return found;
}

Cost cost_around(Size picture, const models::ModelCard& card, std::int64_t bytes) {
  constexpr std::int64_t kBytesPerPixel = 8 + 3, kBytesOfShapes = 2, kBytesPerSample = 3;
  const std::int64_t width = width_for(input_side(card.input));
  const auto views = static_cast<std::int64_t>(sphere_views().size());
  const std::int64_t all =
      picture.area() * (kBytesPerPixel + kBytesOfShapes) + width * width / 2 * kBytesPerSample + views * bytes;
  return {.bytes = static_cast<std::size_t>(all), .inferences = views};
}

}  // namespace pixmill::tasks
