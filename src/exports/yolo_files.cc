#include "exports/yolo_files.h"

#include <algorithm>
#include <string_view>

#include "exports/text.h"

namespace pixmill::exports {
namespace {

// A double-quoted scalar of YAML, which is one of JSON.
std::string names_of(const Names& classes) {
  std::string text = "nc: " + std::to_string(classes.size()) + "\nnames:\n";
  for (std::size_t i = 0; i < classes.size(); ++i)
    text += "  " + std::to_string(i) + ": " + json_text(classes[i]) + "\n";
  return text;
}

bool has(const std::vector<Subset>& subsets, std::string_view name) {
  return std::any_of(subsets.begin(), subsets.end(),
                     [&](const Subset& one) { return one.name == name && !one.pictures.empty(); });
}

}  // namespace

std::string names_a_line(const Names& classes) {
  std::string names;
  for (const std::string& name : classes) names += one_line(name) + "\n";
  return names;
}

SideFile yolo_data(const Names& classes) {
  return {"data.yaml",
          "# Made by pixmill. For training: the pictures lie in the folder `images` beside the folder of these labels, "
          "in\n# the same sub-folders; change `train` and `val` where they lie elsewhere, or let\n"
          "# `pixmill export yolo --split 80/20` make the folders.\n"
          "train: ../images\nval: ../images\n" +
              names_of(classes)};
}

SideFile yolo_data(const Names& classes, const std::vector<Subset>& subsets) {
  std::string text = "# Made by pixmill. Folders are named from that of this file on.\n";
  const std::string train = has(subsets, "train") || !has(subsets, "val") ? "images/train" : "images/val";
  text += "train: " + train + "\nval: " + (has(subsets, "val") ? "images/val" : train) + "\n";
  if (has(subsets, "test")) text += "test: images/test\n";
  return {"data.yaml", text + names_of(classes)};
}

std::vector<SideFile> darknet_files(const Names& classes, const std::vector<Subset>& subsets) {
  std::string data = "classes = " + std::to_string(classes.size()) + "\n";
  std::vector<SideFile> files;
  for (const Subset& subset : subsets) {
    std::string list;
    for (const std::string& picture : subset.pictures) list += "data/" + one_line(picture) + "\n";
    data += (subset.name == "val" ? "valid" : subset.name) + " = data/" + subset.name + ".txt\n";
    files.push_back({subset.name + ".txt", std::move(list)});
  }
  files.push_back({"obj.data", data + "names = data/obj.names\nbackup = backup/\n"});
  files.push_back({"obj.names", names_a_line(classes)});
  return files;
}

}  // namespace pixmill::exports
