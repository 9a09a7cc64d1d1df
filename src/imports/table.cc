// The table of formats, a row each.
#include <algorithm>

#include "imports/formats.h"
#include "pixmill/core/nearest.h"
#include "pixmill/imports/import.h"

namespace pixmill::imports {

std::span<const ImportRow> imports() {
  static const std::vector<ImportRow> rows = {
      {.name = "yolo",
       .summary = "YOLO: a text file for each picture, boxes or polygons; names in data.yaml or classes.txt",
       .extensions = {"txt"},
       .recognises = is_yolo,
       .read = read_yolo,
       .numbers_classes = true,
       .file_a_picture = true},
      {.name = "coco",
       .summary = "COCO: one JSON file of pictures, things and classes",
       .extensions = {"json"},
       .recognises = is_coco,
       .read = read_coco},
  };
  return rows;
}

const ImportRow& find_import(std::string_view name) {
  std::vector<std::string> names;
  for (const ImportRow& row : imports()) {
    if (row.name == name) return row;
    names.emplace_back(row.name);
  }
  throw Error(ErrorCode::usage, "--format: no labels are called '" + std::string(name) + "'", suggestion(name, names));
}

const ImportRow* recognised(std::string_view head, std::string_view extension) {
  for (const ImportRow& row : imports()) {
    const bool fits = std::find(row.extensions.begin(), row.extensions.end(), extension) != row.extensions.end();
    if (fits && row.recognises(head)) return &row;
  }
  return nullptr;
}

}  // namespace pixmill::imports
