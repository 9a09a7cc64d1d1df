#include "exports/shape_writing.h"

#include <cstddef>
#include <limits>
#include <utility>

#include "exports/text.h"
#include "pixmill/tasks/shapes.h"

namespace pixmill::exports {
namespace {

using tasks::Polygon;

// Measured on the masks of yolo11n-seg of the COCO pictures: see docs/labels.md.
constexpr double kTolerance = 1;  // pixels

std::vector<config::Flag> all_flags() {
  std::vector<config::Flag> flags = tasks::selection_flags();
  const std::string_view group = flags.front().group;
  flags.push_back({.name = "simplify",
                   .kind = config::Kind::real,
                   .value = "PIXELS",
                   .group = group,
                   .help = "so far may polygons be off to save corners; default: 1, drawn ones 0",
                   .minimum = 0,
                   .maximum = 100});
  flags.push_back({.name = "boxes", .group = group, .help = "boxes only, also of things with a shape"});
  return flags;
}

// Indices of the corners of two lines that are nearest to each other.
std::pair<std::size_t, std::size_t> nearest_corners(const Polygon& one, const Polygon& other) {
  std::pair<std::size_t, std::size_t> nearest;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < one.size(); ++i) {
    for (std::size_t j = 0; j < other.size(); ++j) {
      const double x = static_cast<double>(one[i].x) - other[j].x, y = static_cast<double>(one[i].y) - other[j].y;
      const double distance = x * x + y * y;
      if (distance < least) {
        least = distance;
        nearest = {i, j};
      }
    }
  }
  return nearest;
}

}  // namespace

const std::vector<config::Flag>& shape_flags() {
  static const std::vector<config::Flag> flags = all_flags();
  return flags;
}

ShapeOptions read_shape_options(const config::Values& values) {
  ShapeOptions options;
  options.boxes_only = values.on("boxes");
  if (values.has("simplify")) options.tolerance = values.real("simplify");
  return options;
}

bool has_shape(const tasks::Detection& found) {
  return !found.mask.empty() || !found.polygons.empty();
}

std::vector<Polygon> polygons_of(const tasks::Detection& found, const ShapeOptions& options) {
  return tasks::polygons_of(found, options.tolerance.value_or(found.mask.empty() ? 0.0 : kTolerance));
}

Polygon in_one_line(const std::vector<Polygon>& parts) {
  if (parts.empty()) return {};
  Polygon line = parts.front();
  for (std::size_t k = 1; k < parts.size(); ++k) {
    const Polygon& part = parts[k];
    if (part.empty() || line.empty()) continue;
    const auto [at, from] = nearest_corners(line, part);
    Polygon detour(part.begin() + static_cast<std::ptrdiff_t>(from), part.end());
    detour.insert(detour.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(from) + 1);
    detour.push_back(line[at]);
    line.insert(line.begin() + static_cast<std::ptrdiff_t>(at) + 1, detour.begin(), detour.end());
  }
  return line;
}

std::string corners(const Polygon& polygon, std::string_view between, std::string_view after, int digits) {
  std::string text;
  for (const tasks::Point& corner : polygon) {
    if (!text.empty()) text += after;
    text += number(corner.x, digits);
    text += between;
    text += number(corner.y, digits);
  }
  return text;
}

void Losses::count_holes(const tasks::Detection& found) {
  if (!found.mask.empty() && tasks::has_holes(found.mask)) ++holes_;
}

std::vector<std::string> Losses::notes(std::string_view format, std::string_view instead) const {
  std::vector<std::string> notes;
  const auto say = [&](std::int64_t count, const std::string& what) {
    if (count > 0)
      notes.push_back(std::string(format) + ": " + std::to_string(count) + what + "; " + std::string(instead) +
                      " keep them");
  };
  say(holes_, holes_ == 1 ? " shape has holes, which are filled" : " shapes have holes, which are filled");
  say(shapes_, shapes_ == 1 ? " shape went out as its box" : " shapes went out as their boxes");
  return notes;
}

}  // namespace pixmill::exports
