// How mattes are compared: with each other, and with true masks.
#pragma once

#include "pixmill/core/image.h"
#include "pixmill/tasks/comparison.h"

namespace pixmill::tasks {

extern const Comparison kMattes;

// Of two mattes of one size (1 channel, f32), cut at 0.5: the common area by that of both together, 0..1; 1 where both
// are empty.
double overlap(ImageView reference, ImageView got);

}  // namespace pixmill::tasks
