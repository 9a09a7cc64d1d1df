// One list of classes of what all files of an import call them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/imports/label_set.h"

namespace pixmill::imports {

struct ClassEntry {
  std::string name;  // empty: a number that no file names
  std::optional<std::int64_t> order = {};
  bool numbered = false;  // `order` is the index that it shall have
};

// By their numbers, without gaps, and where they have none by name. Indices are kept where each class has one of its
// own; COCO's are then completed by the names of the others, any others by their number.
Classes ordered(const std::vector<ClassEntry>& entries);

// The listed ones as they are listed.
Classes in_list(const std::vector<ClassEntry>& entries, const std::vector<std::string>& listed);

// Why that cannot be the name of a class: "has no name"; empty where it can.
std::string wrong_with_name(std::string_view name);

}  // namespace pixmill::imports
