#include "tasks/detections/flags.h"

namespace pixmill::tasks {
namespace {

using config::Flag;
using config::Kind;

std::vector<Flag> all_flags() {
  std::vector<Flag> flags = {
      {.name = "format",
       .kind = Kind::text,
       .value = "LIST",
       .fallback = "yolo",
       .group = config::kOutputs,
       .help = "of the results: yolo, coco; several: yolo,coco",
       .repeatable = true,
       .basic = true,
       .section_only = true},
  };
  for (const Flag& flag : selection_flags()) flags.push_back(flag);
  flags.push_back({.name = "iou",
                   .kind = Kind::real,
                   .value = "I",
                   .fallback = "0.45",
                   .group = kDetectionFlags,
                   .help = "of two boxes that overlap more the weaker one goes, 0 to 1",
                   .minimum = 0,
                   .maximum = 1,
                   .basic = true,
                   .changes_result = true});
  flags.push_back({.name = "agnostic-nms",
                   .group = kDetectionFlags,
                   .help = "boxes of two classes overlap too",
                   .changes_result = true});
  return flags;
}

}  // namespace

const std::vector<Flag>& finding_flags() {
  static const std::vector<Flag> flags = all_flags();
  return flags;
}

DetectOptions read_finding(const config::Values& values) {
  return {.overlap = values.real("iou"), .across_classes = values.on("agnostic-nms")};
}

}  // namespace pixmill::tasks
