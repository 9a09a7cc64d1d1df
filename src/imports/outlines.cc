#include "imports/outlines.h"

#include <cmath>
#include <numbers>

namespace pixmill::imports {

using tasks::Point;

Thing ellipse(Point middle, float radius_x, float radius_y) {
  constexpr int kCorners = 64;
  Thing thing;
  thing.boxed = thing.cut = true;
  tasks::Box& box = thing.what.box;
  box.left = middle.x - radius_x;
  box.top = middle.y - radius_y;
  box.right = middle.x + radius_x;
  box.bottom = middle.y + radius_y;
  tasks::Polygon& polygon = thing.what.polygons.emplace_back();
  for (int i = 0; i < kCorners; ++i) {
    const double angle = 2 * std::numbers::pi * i / kCorners;
    polygon.push_back({middle.x + radius_x * static_cast<float>(std::cos(angle)),
                       middle.y + radius_y * static_cast<float>(std::sin(angle))});
  }
  return thing;
}

Thing turned_box(const tasks::Box& box, Point pivot, double degrees) {
  Thing thing;
  thing.what.box = box;
  thing.boxed = std::fmod(degrees, 360) == 0;
  if (thing.boxed) return thing;
  thing.what.polygons = {{{box.left, box.top}, {box.right, box.top}, {box.right, box.bottom}, {box.left, box.bottom}}};
  turn(thing, pivot, degrees);
  return thing;
}

void turn(Thing& thing, Point pivot, double degrees) {
  thing.boxed = false;
  thing.cut = true;
  const double angle = degrees * std::numbers::pi / 180, cosine = std::cos(angle), sine = std::sin(angle);
  for (tasks::Polygon& polygon : thing.what.polygons) {
    for (Point& corner : polygon) {
      const double x = static_cast<double>(corner.x) - pivot.x, y = static_cast<double>(corner.y) - pivot.y;
      corner = {static_cast<float>(pivot.x + x * cosine - y * sine),
                static_cast<float>(pivot.y + x * sine + y * cosine)};
    }
  }
}

}  // namespace pixmill::imports
