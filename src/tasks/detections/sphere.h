// A panorama of the whole sphere (equirectangular, twice as wide as high), and the views of it that a model looks at.
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::tasks {

// A square picture of a pinhole camera of 90 degrees in the middle of the sphere.
struct SphereView {
  struct Axis {
    float x, y, z;  // to the right of the panorama's middle column, up, and into it
  };
  Axis right, down, forward;
};

// Six views along the horizon, three up and three down (55 degrees), straight up and straight down. Every direction is
// at most 0.855 of the way from the middle of one of them to its edge, so that 4 degrees are left beside it.
std::span<const SphereView> sphere_views();

// A place in a view: -1..1 from the left to the right and from the top to the bottom.
struct ViewPlace {
  float x = 0, y = 0;
};

// The geometry of a panorama of that size. Immutable.
class Sphere {
 public:
  explicit Sphere(Size picture);

  Size size() const { return size_; }

  // Where a pixel's middle is in a view; empty where the view does not see it.
  std::optional<ViewPlace> place(const SphereView& view, int x, int y) const;

  // The same for all pixels of a column, which costs half as much.
  class Column {
   public:
    std::optional<ViewPlace> place(int y) const {
      const float wide = sphere_.cos_of_row_[static_cast<std::size_t>(y)];
      const float high = sphere_.sin_of_row_[static_cast<std::size_t>(y)];
      const float depth = wide * wide_.z + high * high_.z;
      const float right = wide * wide_.x + high * high_.x, down = wide * wide_.y + high * high_.y;
      if (depth <= 0 || std::abs(right) > depth || std::abs(down) > depth) return std::nullopt;
      const float scale = 1 / depth;
      return ViewPlace{right * scale, down * scale};
    }

   private:
    friend class Sphere;
    Column(const Sphere& sphere, const SphereView& view, int x);

    const Sphere& sphere_;
    SphereView::Axis wide_, high_;  // right, down and forward of a direction, by the cosine and the sine of its row
  };
  Column column(const SphereView& view, int x) const { return {*this, view, x}; }

  // The cosine of the angle between a pixel's middle and that of a view.
  float nearness(const SphereView& view, int x, int y) const;

  // The pixel of a place, in pixels of the panorama.
  Point pixel(const SphereView& view, ViewPlace place) const;

  // Rows, and columns that may go on from the right edge to the left one, which hold all of a part of a view.
  struct Range {
    int top = 0, bottom = 0;    // before `bottom`
    int left = 0, columns = 0;  // left + columns may be more than the width
  };
  Range range_of(const SphereView& view, ViewPlace first, ViewPlace last) const;

 private:
  SphereView::Axis direction(int x, int y) const;

  const Size size_;
  std::vector<float> sin_of_column_, cos_of_column_, sin_of_row_, cos_of_row_;
};

// The view as a model sees it, side x side, by bilinear interpolation. `panorama`: u8 RGB, at_scale() for that side.
Image rendered(ImageView panorama, const SphereView& view, int side);

// So wide is a panorama that has as many pixels as a view of that side in its middle, where it has the fewest.
int width_for(int side);

// The panorama made smaller to that, antialiased; itself where it is not much larger.
Image at_scale(Image panorama, int side);

}  // namespace pixmill::tasks
