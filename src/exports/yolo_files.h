// The files beside YOLO's labels.
#pragma once

#include <string>
#include <vector>

#include "pixmill/exports/export.h"

namespace pixmill::exports {

using Names = std::vector<std::string>;

std::string names_a_line(const Names& classes);

// data.yaml of labels that lie in a folder beside that of the pictures.
SideFile yolo_data(const Names& classes);
// data.yaml of a data set: it names the folders of its subsets.
SideFile yolo_data(const Names& classes, const std::vector<Subset>& subsets);

// obj.names, obj.data and the lists of pictures of a data set as Darknet wants it.
std::vector<SideFile> darknet_files(const Names& classes, const std::vector<Subset>& subsets);

}  // namespace pixmill::exports
