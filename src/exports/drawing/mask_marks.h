// Masks and polygons as marks.
#pragma once

#include "exports/drawing/canvas.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::exports {

constexpr double kFillOpacity = 0.35;

// The mask as a translucent surface with a line of `line` pixels inside its edge, holes too. The mask must outlive the
// mark.
Mark mask_mark(const RunMask& mask, Colour colour, int line);

// The same of polygons, which must outlive the mark; the line lies on the edge.
Mark polygon_mark(const std::vector<tasks::Polygon>& polygons, Colour colour, int line);

}  // namespace pixmill::exports
