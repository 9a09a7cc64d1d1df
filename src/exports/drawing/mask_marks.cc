#include "exports/drawing/mask_marks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>

namespace pixmill::exports {
namespace {

constexpr double kLineOpacity = 0.95;

// Sums over windows of 2 * radius + 1 samples in both directions; samples outside count as 0. `plane`: width x height.
std::vector<int> window_sums(const std::vector<int>& plane, int width, int height, int radius) {
  const auto along = [radius](const std::vector<int>& from, std::vector<int>& to, int count, int lines, int step,
                              int line_step) {
    for (int line = 0; line < lines; ++line) {
      const std::ptrdiff_t start = std::ptrdiff_t{line} * line_step;
      int sum = 0;
      for (int i = -radius; i < count; ++i) {
        if (i + radius < count) sum += from[static_cast<std::size_t>(start + std::ptrdiff_t{i + radius} * step)];
        if (i > radius) sum -= from[static_cast<std::size_t>(start + std::ptrdiff_t{i - radius - 1} * step)];
        if (i >= 0) to[static_cast<std::size_t>(start + std::ptrdiff_t{i} * step)] = sum;
      }
    }
  };
  std::vector<int> rows(plane.size()), both(plane.size());
  along(plane, rows, width, height, 1, width);
  along(rows, both, height, width, width, 1);
  return both;
}

// Opacities of a part of the mask for Cairo: its surface, and its line where the mask ends within `line` pixels.
class Coverage {
 public:
  // `window`: inside the mask's picture; of it `part` is painted.
  Coverage(const RunMask& mask, const Rect& window, const Rect& part, int line)
      : surface_(cairo_image_surface_create(CAIRO_FORMAT_A8, part.width, part.height), cairo_surface_destroy) {
    if (cairo_surface_status(surface_.get()) != CAIRO_STATUS_SUCCESS) return;
    const Image bitmap = bitmap_of(mask, window);
    std::vector<int> inside(static_cast<std::size_t>(window.width) * static_cast<std::size_t>(window.height));
    for (int y = 0; y < window.height; ++y) {
      for (int x = 0; x < window.width; ++x) inside[index(window, x, y)] = bitmap.row<std::uint8_t>(y)[x] > 0 ? 1 : 0;
    }
    const std::vector<int> near = window_sums(inside, window.width, window.height, line);
    const std::vector<int> soft = window_sums(inside, window.width, window.height, 1);
    const int whole = (2 * line + 1) * (2 * line + 1);
    for (int y = 0; y < part.height; ++y) {
      unsigned char* row = cairo_image_surface_get_data(surface_.get()) +
                           std::ptrdiff_t{y} * cairo_image_surface_get_stride(surface_.get());
      for (int x = 0; x < part.width; ++x) {
        const std::size_t at = index(window, x + part.x - window.x, y + part.y - window.y);
        const double opacity = inside[at] == 0 || near[at] < whole ? kLineOpacity : kFillOpacity;
        row[x] = static_cast<unsigned char>(std::lround(255 * opacity * soft[at] / 9.0));
      }
    }
    cairo_surface_mark_dirty(surface_.get());
  }

  void paint(cairo_t* cairo, const Rect& part) const { cairo_mask_surface(cairo, surface_.get(), part.x, part.y); }

 private:
  static std::size_t index(const Rect& window, int x, int y) {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(window.width) + static_cast<std::size_t>(x);
  }

  std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface_;
};

Rect wider(const Rect& rect, int by) {
  return {rect.x - by, rect.y - by, rect.width + 2 * by, rect.height + 2 * by};
}

void outline(cairo_t* cairo, const std::vector<tasks::Polygon>& polygons) {
  for (const tasks::Polygon& polygon : polygons) {
    for (const tasks::Point& corner : polygon) {
      if (!std::isfinite(corner.x) || !std::isfinite(corner.y)) continue;
      const Rect near = rect_of(corner.x, corner.y, corner.x, corner.y);  // far ones are moved to the farthest place
      const bool far = std::abs(near.x - corner.x) > 2 || std::abs(near.y - corner.y) > 2;
      cairo_line_to(cairo, far ? near.x : corner.x, far ? near.y : corner.y);
    }
    cairo_close_path(cairo);
  }
}

}  // namespace

Mark mask_mark(const RunMask& mask, Colour colour, int line) {
  const Rect whole = {0, 0, mask.size.width, mask.size.height};
  const Rect area = common(wider(bounds(mask), 1), whole);
  return {area, [&mask, whole, area, colour, line](cairo_t* cairo, const Rect& part) {
            const Rect painted = common(part, area);
            set_colour(cairo, colour);
            Coverage(mask, common(wider(painted, line), whole), painted, line).paint(cairo, painted);
          }};
}

Mark polygon_mark(const std::vector<tasks::Polygon>& polygons, Colour colour, int line) {
  float left = 1e9F, top = 1e9F, right = -1e9F, bottom = -1e9F;
  for (const tasks::Polygon& polygon : polygons) {
    for (const tasks::Point& corner : polygon) {
      left = std::min(left, corner.x), right = std::max(right, corner.x);
      top = std::min(top, corner.y), bottom = std::max(bottom, corner.y);
    }
  }
  if (left > right || top > bottom) return {};
  const Rect area = rect_of(left, top, right, bottom);
  return {wider(area, line + 1), [&polygons, colour, line](cairo_t* cairo, const Rect&) {
            cairo_set_fill_rule(cairo, CAIRO_FILL_RULE_EVEN_ODD);
            cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
            outline(cairo, polygons);
            set_colour(cairo, colour, kFillOpacity);
            cairo_fill_preserve(cairo);
            set_colour(cairo, colour, kLineOpacity);
            cairo_set_line_width(cairo, line);
            cairo_stroke(cairo);
          }};
}

}  // namespace pixmill::exports
