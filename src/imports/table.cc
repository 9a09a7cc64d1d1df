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
      {.name = "voc",
       .summary = "Pascal VOC: an XML file for each picture",
       .extensions = {"xml"},
       .recognises = is_voc,
       .read = read_voc,
       .file_a_picture = true},
      {.name = "labelme",
       .summary = "LabelMe, AnyLabeling, X-AnyLabeling: a JSON file for each picture",
       .extensions = {"json"},
       .recognises = is_labelme,
       .read = read_labelme,
       .file_a_picture = true},
      {.name = "createml",
       .summary = "Create ML: one JSON file of pictures with boxes",
       .extensions = {"json"},
       .recognises = is_createml,
       .read = read_createml},
      {.name = "cvat",
       .summary = "CVAT for images 1.1: one XML file of pictures with boxes, polygons, ellipses and masks",
       .extensions = {"xml"},
       .recognises = is_cvat,
       .read = read_cvat},
      {.name = "label-studio",
       .summary = "Label Studio: its JSON export of tasks with annotations or predictions",
       .extensions = {"json"},
       .recognises = is_label_studio,
       .read = read_label_studio},
      {.name = "csv",
       .summary = "CSV: a line for each box under a line of names: image, class, x0, y0, x1, y1",
       .extensions = {"csv"},
       .recognises = is_csv,
       .read = read_csv},
      {.name = "jsonl",
       .summary = "JSON lines: a picture a line, as pixmill writes them",
       .extensions = {"jsonl", "ndjson"},
       .recognises = is_jsonl,
       .read = read_jsonl},
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

void read_file(const ImportRow& row, LabelFile& file, LabelSet& set) {
  set.begin_file(file.shown());
  try {
    row.read(file, set);
  } catch (const Error& error) {
    set.drop_file();
    throw with_place(error, file);
  }
}

std::string picture_beside(const LabelFile& file, const std::string& name) {
  const std::size_t slash = file.name().rfind('/');
  const bool has_folder = name.find_first_of("/\\") != std::string::npos;
  return has_folder || slash == std::string::npos ? name : file.name().substr(0, slash + 1) + name;
}

Error with_place(const Error& error, const LabelFile& file) {
  if (error.message().starts_with(file.shown())) return error;
  const std::string line = file.line > 0 ? ":" + std::to_string(file.line) : "";
  return {error.code(), file.shown() + line + ": " + error.message(), error.hint()};
}

}  // namespace pixmill::imports
