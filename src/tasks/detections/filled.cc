// Polygons as masks, a column of pixels at a time.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "pixmill/tasks/shapes.h"

namespace pixmill::tasks {
namespace {

// A side of a polygon, from left to right.
struct Side {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  std::size_t polygon = 0;
  int first = 0, end = 0;  // the columns whose middle it crosses

  double at(int column) const { return y0 + (column + 0.5 - x0) * (y1 - y0) / (x1 - x0); }
};

bool is_finite(const Polygon& polygon) {
  return std::all_of(polygon.begin(), polygon.end(),
                     [](const Point& at) { return std::isfinite(at.x) && std::isfinite(at.y); });
}

// The first pixel whose middle is not before `edge`, in 0..extent.
int first_inside(double edge, int extent) {
  return static_cast<int>(std::clamp(std::ceil(edge - 0.5), 0.0, static_cast<double>(extent)));
}

// The sides that cross the middle of a column of the picture, by their first one.
std::vector<Side> sides_of(const std::vector<Polygon>& polygons, int width) {
  std::vector<Side> sides;
  for (std::size_t i = 0; i < polygons.size(); ++i) {
    const Polygon& polygon = polygons[i];
    if (!is_finite(polygon)) continue;
    for (std::size_t k = 0; k < polygon.size(); ++k) {
      Point a = polygon[k], b = polygon[(k + 1) % polygon.size()];
      if (a.x > b.x) std::swap(a, b);
      const Side side{a.x, a.y, b.x, b.y, i, first_inside(a.x, width), first_inside(b.x, width)};
      if (side.first < side.end) sides.push_back(side);
    }
  }
  std::sort(sides.begin(), sides.end(), [](const Side& a, const Side& b) { return a.first < b.first; });
  return sides;
}

struct Crossing {
  std::size_t polygon = 0;
  double y = 0;

  bool operator<(const Crossing& other) const { return std::pair(polygon, y) < std::pair(other.polygon, other.y); }
};

using Span = std::pair<int, int>;

// Those of each polygon between its odd and its even crossings, from the top; joined where they overlap.
void join(std::vector<Crossing>& crossings, int height, std::vector<Span>& spans) {
  std::sort(crossings.begin(), crossings.end());
  spans.clear();
  for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
    const Span span{first_inside(crossings[i].y, height), first_inside(crossings[i + 1].y, height)};
    if (span.first < span.second) spans.push_back(span);
  }
  std::sort(spans.begin(), spans.end());
  std::size_t kept = 0;
  for (const Span& span : spans) {
    if (kept > 0 && span.first <= spans[kept - 1].second) {
      spans[kept - 1].second = std::max(spans[kept - 1].second, span.second);
    } else {
      spans[kept++] = span;
    }
  }
  spans.resize(kept);
}

}  // namespace

RunMask filled(const std::vector<Polygon>& polygons, Size picture) {
  const std::vector<Side> sides = sides_of(polygons, picture.width);
  RunMaskBuilder mask(picture);
  std::vector<Side> crossed;
  std::vector<Crossing> crossings;
  std::vector<Span> spans;
  std::size_t next = 0;
  for (int x = sides.empty() ? picture.width : sides.front().first; x < picture.width; ++x) {
    std::erase_if(crossed, [&](const Side& side) { return side.end <= x; });
    for (; next < sides.size() && sides[next].first <= x; ++next) crossed.push_back(sides[next]);
    if (crossed.empty() && next == sides.size()) break;
    crossings.clear();
    for (const Side& side : crossed) crossings.push_back({side.polygon, side.at(x)});
    join(crossings, picture.height, spans);
    for (const auto& [from, to] : spans) mask.add(x, from, to);
  }
  return mask.take();
}

}  // namespace pixmill::tasks
