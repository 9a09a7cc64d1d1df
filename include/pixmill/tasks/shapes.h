// Shapes of found things, from one form into the other: masks, polygons.
#pragma once

#include <vector>

#include "pixmill/core/run_mask.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::tasks {

// The outer lines around the parts of a mask, clockwise, the part with the largest area first. Pixels that touch at a
// corner are one part. The lines run on the edges of pixels (pixel x covers x to x + 1), so that filled() makes the
// mask of them again, without its holes. Holes are not told: see has_holes().
// `tolerance`: so many pixels a line may be off where that saves corners (Douglas-Peucker); 0: none. A part of which
// fewer than three corners would be left keeps all.
std::vector<Polygon> outlines(const RunMask& mask, double tolerance);

// Whether a part of the mask surrounds pixels outside, which no polygon of outlines() says.
bool has_holes(const RunMask& mask);

// The pixels whose middle is inside one of the polygons (of a line that crosses itself: behind an odd number of
// crossings), in a picture of that size, which they may leave. A polygon with a corner that is not a number is left
// out.
RunMask filled(const std::vector<Polygon>& polygons, Size picture);

// The shape of a thing as polygons: its own, or the outlines of its mask, or its box where it has neither or the mask
// no pixels.
std::vector<Polygon> polygons_of(const Detection& found, double tolerance);

// The shape of a thing as a mask of a picture of that size: its own, or its polygons or its box filled.
RunMask mask_of(const Detection& found, Size picture);

}  // namespace pixmill::tasks
