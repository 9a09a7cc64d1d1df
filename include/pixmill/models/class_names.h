// Names of the classes that a model tells apart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pixmill::models {

// The 80 of COCO, in the order in which detectors number them. A card names them by this word.
const std::vector<std::string>& coco_80();
inline constexpr std::string_view kCoco80 = "coco-80";

inline constexpr std::size_t kMostClasses = 4096;
inline constexpr std::size_t kLongestClass = 128;  // bytes

// What Ultralytics writes into a model file, a dictionary as Python prints it: {0: 'person', 1: "dog's ear"}. The keys
// count from 0. Empty where the text is anything else, or a name holds a control character.
std::vector<std::string> names_from_python(std::string_view text);

// What people keep in files: one name a line, a data.yaml of YOLO (`names`: a list, or a mapping from 0 on), or a list
// in JSON. Never empty. Throws Error{usage} with the file, and the line where it is known.
std::vector<std::string> names_from_file(std::string_view text, std::string_view origin);

}  // namespace pixmill::models
