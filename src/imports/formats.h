// The readers of the formats, a file each.
#pragma once

#include <string>
#include <string_view>

#include "pixmill/imports/label_file.h"
#include "pixmill/imports/label_set.h"

namespace pixmill::imports {

void read_yolo(LabelFile& file, LabelSet& set);
void read_coco(LabelFile& file, LabelSet& set);
void read_voc(LabelFile& file, LabelSet& set);
void read_labelme(LabelFile& file, LabelSet& set);
void read_createml(LabelFile& file, LabelSet& set);
void read_cvat(LabelFile& file, LabelSet& set);
void read_label_studio(LabelFile& file, LabelSet& set);
void read_csv(LabelFile& file, LabelSet& set);
void read_jsonl(LabelFile& file, LabelSet& set);

bool is_yolo(std::string_view head);
bool is_coco(std::string_view head);
bool is_voc(std::string_view head);
bool is_labelme(std::string_view head);
bool is_createml(std::string_view head);
bool is_cvat(std::string_view head);
bool is_label_studio(std::string_view head);
bool is_csv(std::string_view head);
bool is_jsonl(std::string_view head);

// The name of a picture that a file tells of itself: with the folder of the file before it, unless it has one.
std::string picture_beside(const LabelFile& file, const std::string& name);

// With the file and its line in the message, where that does not begin with them.
Error with_place(const Error& error, const LabelFile& file);

}  // namespace pixmill::imports
