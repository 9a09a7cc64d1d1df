// Labels that people or other programs made, read for the catalogue: files in, records of detections out. No files are
// opened here, and no pictures.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/imports/label_file.h"
#include "pixmill/imports/label_set.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::imports {

// One row for each format.
struct ImportRow {
  std::string_view name;                     // as users type it: "yolo"
  std::string_view summary;                  // one line, for help
  std::vector<std::string_view> extensions;  // of its files, without the dot
  // Whether a file is of this format, by its first bytes, up to kHead of them: as UTF-8, without a byte order mark.
  bool (*recognises)(std::string_view head) = nullptr;
  // See read_file().
  void (*read)(LabelFile& file, LabelSet& set) = nullptr;
  bool numbers_classes = false;  // their names stand elsewhere: see find_names()
  bool file_a_picture = false;   // a file is of the picture that is called like it
};
inline constexpr std::size_t kHead = std::size_t{1} << 16;

std::span<const ImportRow> imports();

// Throws Error{usage} for a name that there is not.
const ImportRow& find_import(std::string_view name);

// Reads a file into the set. Throws Error, which names the file: what is wrong with all of it.
void read_file(const ImportRow& row, LabelFile& file, LabelSet& set);

// The format of a file; null where it is none of them. `extension`: without the dot.
const ImportRow* recognised(std::string_view head, std::string_view extension);

// Names of classes, in their order, as models::names_from_file() reads them; of data.yaml what it says beside them is
// checked. `shown`: the file's path. Throws Error: usage (no list of names; another number than `nc`), unsupported (a
// data set of key points).
std::vector<std::string> names_of(std::string_view text, std::string_view shown);

// A picture's labels as a record, in pixels of the upright picture of that size. Coordinates that are outside by a
// pixel at most are put on its edge; things without area, and those that stand there twice, are left out and counted.
// Throws Error{corrupt}: the file is of another size than the labels say, coordinates outside, a class without a name.
struct LeftOut {
  std::int64_t without_area = 0, twice = 0;
};
tasks::Detections resolved(const LabelledPicture& labels, const LabelSet& set, const Classes& classes, Size size,
                           const std::string& picture, LeftOut& left_out);

}  // namespace pixmill::imports
