// What a detector found in a picture, as it is kept: the record "detections/1".
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
#include "pixmill/tasks/boxes.h"

namespace pixmill::tasks {

using ClassNames = std::shared_ptr<const std::vector<std::string>>;

struct Detections {
  Size picture;            // pixels, upright
  float confidence = 0;    // weaker boxes are not in it
  ClassNames classes;      // never null; a box's label is an index into it
  std::vector<Box> boxes;  // best first, in pixels of the picture and inside it
};

// The names as they are shared by all pictures: one copy of COCO's, whoever asks.
ClassNames shared_names(std::vector<std::string> names);

// The body of a record, little-endian:
//
//     u32 width, u32 height, f32 confidence
//     u32 table: 0: the names follow, a u32 count, each a u16 length and so many bytes; 1: COCO's 80
//     u32 count of boxes, each f32 left, top, right, bottom, score and u32 label
//
// Another layout gets another number in the kind.
inline constexpr std::string_view kDetections = "detections/1";
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

// Best first. Throws Error{usage} for a class that there is not.
std::vector<Box> select(const Detections& detections, const Selection& selection);

// Whether each label is wanted. Throws Error{usage} for a class that there is not.
std::vector<bool> wanted_labels(const std::vector<std::string>& names, const std::vector<std::string>& wanted);

// The flags that make a Selection: what is asked of records, later than inference.
const std::vector<config::Flag>& selection_flags();
Selection read_selection(const config::Values& values);

}  // namespace pixmill::tasks
