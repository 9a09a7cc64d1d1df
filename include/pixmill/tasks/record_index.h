// What is asked of records without reading them: a row for each found thing, kept beside the record.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// A row for one thing.
struct IndexedThing {
  int label = 0;         // index into RecordIndex::classes
  float confidence = 0;  // 0..1
  float left = 0, top = 0, right = 0, bottom = 0;
  double area = 0;  // pixels of its shape
};

struct RecordIndex {
  Size picture;
  float confidence = 0;  // weaker things are not in it
  Quality quality = {};
  ClassNames classes;  // never null
  std::vector<IndexedThing> things;
};

// None for a record of a kind that has no index. Throws what reading the record throws.
std::optional<RecordIndex> index_of(const Record& record);

}  // namespace pixmill::tasks
