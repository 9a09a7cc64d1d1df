// The table of formats.
#include <algorithm>

#include "exports/formats.h"
#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::exports {
namespace {

const std::vector<ExportRow>& table() {
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

std::vector<std::string> names_for(std::string_view record_kind) {
  std::vector<std::string> names;
  for (const ExportRow& row : table()) {
    if (record_kind.empty() || row.record_kind == record_kind) names.emplace_back(row.name);
  }
  return names;
}

const ExportRow& named(const std::string& name, std::string_view record_kind) {
  const ExportRow* row = find_export(name);
  if (row == nullptr || (!record_kind.empty() && row->record_kind != record_kind)) {
    throw Error(ErrorCode::usage, "there is no format '" + name + "'" + (row == nullptr ? "" : " for these results"),
                suggestion(name, names_for(record_kind)));
  }
  return *row;
}

}  // namespace

std::span<const ExportRow> exports() {
  return table();
}

const ExportRow* find_export(std::string_view name) {
  const auto found =
      std::find_if(table().begin(), table().end(), [&](const ExportRow& row) { return row.name == name; });
  return found == table().end() ? nullptr : &*found;
}

std::vector<const ExportRow*> exports_named(const std::vector<std::string>& lists, std::string_view record_kind) {
  std::vector<const ExportRow*> rows;
  for (const std::string& list : lists) {
    for (std::size_t from = 0; from <= list.size();) {
      const std::size_t to = std::min(list.find(',', from), list.size());
      const ExportRow* row = &named(trimmed(std::string_view(list).substr(from, to - from)), record_kind);
      if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
      from = to + 1;
    }
  }
  if (rows.empty())
    throw Error(ErrorCode::usage, "no format was named", "known: " + joined(names_for(record_kind), ", "));
  return rows;
}

}  // namespace pixmill::exports
