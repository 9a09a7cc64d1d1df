#include "pixmill/tasks/record_index.h"

namespace pixmill::tasks {

RuleThing thing_of(const Detection& found, int label) {
  const Box& box = found.box;
  return {label, box.score, box.left, box.top, box.right, box.bottom, area(found)};
}

std::optional<RecordIndex> index_of(const Record& record) {
  if (record.kind != kDetections) return std::nullopt;
  const Detections all = unpack_detections(record.kind, record.body, "a new record");
  RecordIndex index{all.picture, all.confidence, all.quality, all.classes, {}};
  for (const Detection& one : all.found) index.things.push_back(thing_of(one, one.box.label));
  return index;
}

}  // namespace pixmill::tasks
