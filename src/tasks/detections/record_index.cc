#include "pixmill/tasks/record_index.h"

namespace pixmill::tasks {

std::optional<RecordIndex> index_of(const Record& record) {
  if (record.kind != kDetections) return std::nullopt;
  const Detections all = unpack_detections(record.kind, record.body, "a new record");
  RecordIndex index{all.picture, all.confidence, all.quality, all.classes, {}};
  for (const Detection& one : all.found)
    index.things.push_back(
        {one.box.label, one.box.score, one.box.left, one.box.top, one.box.right, one.box.bottom, area(one)});
  return index;
}

}  // namespace pixmill::tasks
