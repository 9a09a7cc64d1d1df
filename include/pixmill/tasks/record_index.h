// What is asked of records without reading them: a row for each found thing, kept beside the record.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/rule.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

struct RecordIndex {
  Size picture;
  float confidence = 0;  // weaker things are not in it
  Quality quality = {};
  ClassNames classes;             // never null
  std::vector<RuleThing> things;  // labels: into `classes`
};

// What a question may be about of a thing.
RuleThing thing_of(const Detection& found, int label);

// None for a record of a kind that has no index. Throws what reading the record throws.
std::optional<RecordIndex> index_of(const Record& record);

}  // namespace pixmill::tasks
