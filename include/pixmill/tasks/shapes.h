// Shapes of found things, from one form into the other: masks, polygons.
#pragma once

#include <vector>

#include "pixmill/core/run_mask.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::tasks {

// The outer lines around the parts of a mask, the largest part first, on the corners of its pixels' middles as OpenCV
// finds them. `tolerance`: so many pixels a line may be off where that saves corners (Douglas-Peucker); 0: none.
// Parts of fewer than three corners are left out. Holes are not told: see has_holes().
std::vector<Polygon> outlines(const RunMask& mask, double tolerance);

// Whether a part of the mask surrounds pixels outside, which no polygon of outlines() says.
bool has_holes(const RunMask& mask);

// The pixels whose middle is inside one of the polygons, in a picture of that size.
RunMask filled(const std::vector<Polygon>& polygons, Size picture);

// The shape of a thing as polygons: its own, or the outlines of its mask, or its box.
std::vector<Polygon> polygons_of(const Detection& found, double tolerance);

// The shape of a thing as a mask of a picture of that size: its own, or its polygons or its box filled.
RunMask mask_of(const Detection& found, Size picture);

}  // namespace pixmill::tasks
