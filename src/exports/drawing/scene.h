// What was found in a picture, drawn on it.
#pragma once

#include "exports/detection_reader.h"
#include "pixmill/core/image.h"
#include "pixmill/tasks/picture_flags.h"

namespace pixmill::exports {

// Lines and letters for a picture of that size, in pixels: both grow with it, and neither fills a narrow one.
struct Measures {
  int line = 2;
  double letters = 12;
};
Measures measures_for(Size picture, const tasks::Drawing& drawing);

// "dog 0.91"; empty where neither is wanted.
std::string label_of(const tasks::Detections& record, const tasks::Box& box, const tasks::Drawing& drawing);

// Shapes, boxes, landmarks and labels on `picture` (u8 RGB, of the record's size), the best on top. Where the system
// has no font there are no labels. Throws what paint() throws.
void draw(Image& picture, const Chosen& chosen, const tasks::Drawing& drawing);

}  // namespace pixmill::exports
