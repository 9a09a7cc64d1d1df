// What the formats with polygons share: which shape a thing goes out with, and what a polygon does not say of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::exports {

struct ShapeOptions {
  bool boxes_only = false;
  // So many pixels a line may be off where that saves corners. Not given: 1 for the outlines of masks, 0 for polygons
  // that somebody drew.
  std::optional<double> tolerance = {};
};

// Those of tasks::selection_flags(), --boxes and --simplify.
const std::vector<config::Flag>& shape_flags();
ShapeOptions read_shape_options(const config::Values& values);

// More than a box.
bool has_shape(const tasks::Detection& found);

// Its parts; of a thing without a shape the corners of its box.
std::vector<tasks::Polygon> polygons_of(const tasks::Detection& found, const ShapeOptions& options);

// One line around all parts, which are joined by lines of no width from corner to corner, the nearest two.
tasks::Polygon in_one_line(const std::vector<tasks::Polygon>& parts);

// "x,y;x,y" of `between` "," and `after` ";".
std::string corners(const tasks::Polygon& polygon, std::string_view between, std::string_view after, int digits);

// Counts what is left out, to say so once.
class Losses {
 public:
  void count_holes(const tasks::Detection& found);
  void count_shape() { ++shapes_; }
  // `instead`: formats that keep it: "coco, cvat or masks".
  std::vector<std::string> notes(std::string_view format, std::string_view instead) const;

 private:
  std::int64_t holes_ = 0, shapes_ = 0;
};

}  // namespace pixmill::exports
