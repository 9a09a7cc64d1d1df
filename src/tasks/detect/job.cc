// The options of detection: what is decided when a picture is looked at, and what is asked of the results.
#include "tasks/detect/job.h"

#include "pixmill/tasks/detect.h"

namespace pixmill::tasks {
namespace {

using config::Flag;
using config::Kind;

constexpr std::string_view kGroup = "Detections";

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
                   .group = kGroup,
                   .help = "of two boxes that overlap more the weaker one goes, 0 to 1",
                   .minimum = 0,
                   .maximum = 1,
                   .basic = true,
                   .changes_result = true});
  flags.push_back(
      {.name = "agnostic-nms", .group = kGroup, .help = "boxes of two classes overlap too", .changes_result = true});
  return flags;
}

}  // namespace

const std::vector<Flag>& detect_flags() {
  static const std::vector<Flag> flags = all_flags();
  return flags;
}

JobOptions read_detect(const config::Values& values, const std::string&, const codecs::DecodeOptions&) {
  const DetectOptions options = {.overlap = values.real("iou"), .across_classes = values.on("agnostic-nms")};
  const Selection selection = read_selection(values);
  JobOptions job;
  job.name_template = "{dir}/{stem}.{ext}";
  job.record_kind = tasks::kDetections;
  job.formats = values.texts("format");
  job.make_task = [options, selection](models::ModelCard card) {
    if (!card.output.classes.empty()) (void)wanted_labels(card.output.classes, selection.classes);
    return make_detect(std::move(card), options);
  };
  return job;
}

}  // namespace pixmill::tasks
