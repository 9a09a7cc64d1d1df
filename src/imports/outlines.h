// Shapes that a record has no word for, as polygons.
#pragma once

#include "pixmill/imports/label_set.h"

namespace pixmill::imports {

// An ellipse of 64 corners (area 0.2 % below the true one), with its exact box.
Thing ellipse(tasks::Point middle, float radius_x, float radius_y);

// A box as its file has it: its upper left corner, its size, and how far it is turned around `pivot`, in degrees
// clockwise. A box where it is not turned, else a polygon.
Thing turned_box(const tasks::Box& box, tasks::Point pivot, double degrees);

// Turns its polygons, in degrees clockwise; its box is the one around them from then on.
void turn(Thing& thing, tasks::Point pivot, double degrees);

}  // namespace pixmill::imports
