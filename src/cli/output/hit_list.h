// The pictures that meet a rule, as a list: paths alone, or with what was found.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/pipeline/picking.h"

namespace pixmill::cli {

enum class ListFormat { text, csv, json };

// What the list says of itself, in JSON.
struct ListSettings {
  std::string rule;
  float confidence = 0;
  std::vector<std::string> classes;  // whose things are listed
  std::string model;                 // empty: none ran
};

struct HitList {
  ListFormat format = ListFormat::text;
  char end = '\n';  // of a path in text
  ListSettings settings;
};

// Paths as the user named them, in the order of the inputs.
//   text: a path a line.
//   csv: image_path,width,height,detections,classes,counts,confidences,sharpness,brightness: of each class the count of
//     its things and the best confidence, in the order of `classes`, semicolons between.
//   json: total_images, filtered_images, filter_settings, results: a picture each.
void write_hits(const HitList& list, const pipeline::Picked& picked, const std::function<void(std::string_view)>& sink);

}  // namespace pixmill::cli
