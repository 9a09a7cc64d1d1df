// Options of pictures that are made of detections: drawn ones, cuts, the contact sheet.
#pragma once

#include <string>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"

namespace pixmill::tasks {

// How things are drawn on their picture.
struct Drawing {
  int line_width = 0;  // pixels; 0: by the size of the picture
  bool labels = true;
  bool confidence = true;  // in the labels
};

const std::vector<config::Flag>& drawing_flags();
Drawing read_drawing(const config::Values& values);

// How much of the picture around a box is cut out with it: so large a share of its width and of its height, each side.
const std::vector<config::Flag>& crop_flags();
double read_crop_margin(const config::Values& values);

// Of jobs: --draw, --crops, --sheet FILE.
const std::vector<config::Flag>& picture_flags();

}  // namespace pixmill::tasks
