// What was found in a picture, as it is kept: the record "detections/2".
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"
#include "pixmill/core/image.h"
#include "pixmill/core/run_mask.h"
#include "pixmill/tasks/boxes.h"

namespace pixmill::tasks {

using ClassNames = std::shared_ptr<const std::vector<std::string>>;

struct Point {
  float x = 0, y = 0;

  bool operator==(const Point&) const = default;
};

// The corners of a closed line, which does not end where it began.
using Polygon = std::vector<Point>;

// A found thing. Its shape is its mask, else its polygons, else its box.
struct Detection {
  Box box;  // in pixels of the picture and inside it
  RunMask mask = {};
  std::vector<Polygon> polygons = {};  // its parts, as a label file had them
  std::vector<Point> points = {};      // landmarks, in the order of the model; may lie outside the picture

  bool operator==(const Detection&) const = default;
};

// Pixels of its shape.
double area(const Detection& found);

// How a picture looks; negative: not measured.
struct Quality {
  float sharpness = -1;   // see measure_quality()
  float brightness = -1;  // 0..255

  bool operator==(const Quality&) const = default;
};

struct Detections {
  Size picture;                  // pixels, upright
  float confidence = 0;          // weaker ones are not in it
  ClassNames classes;            // never null; a box's label is an index into it
  std::vector<Detection> found;  // best first
  Quality quality = {};
};

// The names as they are shared by all pictures: one copy of COCO's, whoever asks.
ClassNames shared_names(std::vector<std::string> names);

// The body of a record, little-endian:
//
//     u32 width, u32 height, f32 confidence, f32 sharpness, f32 brightness
//     u32 table: 0: the names follow, a u32 count, each a u16 length and so many bytes; 1: COCO's 80
//     u32 count of things, each f32 left, top, right, bottom, score, u32 label, and a byte that says what follows:
//       1: the mask: a u32 count of runs, each 7 bits a byte, the lowest first, the highest bit where more follow
//       2: the polygons: a u32 count, each a u32 count of corners, f32 x and y each
//       4: the points: a u32 count, f32 x and y each
//
// Another layout gets another number in the kind.
inline constexpr std::string_view kDetections = "detections/2";
std::vector<std::byte> pack(const Detections& detections);

// `kind` and `body`: of a record. `origin` names the picture in messages. Throws Error: unsupported (another version),
// corrupt (another kind, a body that is cut short, too long or holds what no picture has).
Detections unpack_detections(std::string_view kind, std::span<const std::byte> body, std::string_view origin);

// Which of the boxes that are kept somebody wants.
struct Selection {
  float confidence = 0.25F;               // at least
  std::size_t most = 300;                 // the best so many of a picture
  std::vector<std::string> classes = {};  // names, or numbers from 0; empty: all
};

// Best first; they point into `detections`. Throws Error{usage} for a class that there is not.
std::vector<const Detection*> select(const Detections& detections, const Selection& selection);

// Whether each label is wanted. Throws Error{usage} for a class that there is not.
std::vector<bool> wanted_labels(const std::vector<std::string>& names, const std::vector<std::string>& wanted);

// The flags that make a Selection: what is asked of records, later than inference.
const std::vector<config::Flag>& selection_flags();
Selection read_selection(const config::Values& values);

}  // namespace pixmill::tasks
