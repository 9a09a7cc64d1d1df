// The table of formats, a row each.
#include "exports/formats.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::exports {

std::span<const ExportRow> exports() {
  static const std::vector<ExportRow> rows = {
      {.name = "yolo",
       .summary = "YOLO: a text file for each picture, class and box a line; classes.txt, data.yaml",
       .record_kind = tasks::kDetections,
       .extension = "txt",
       .scope = Scope::picture,
       .side_files = {"classes.txt", "data.yaml"},
       .flags = tasks::selection_flags,
       .make = make_yolo},
      {.name = "coco",
       .summary = "COCO: one JSON file of pictures, boxes and classes",
       .record_kind = tasks::kDetections,
       .extension = "json",
       .scope = Scope::job,
       .flags = tasks::selection_flags,
       .make = make_coco},
  };
  return rows;
}

}  // namespace pixmill::exports
