// JSON of any size, a piece at a time.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/imports/label_file.h"

namespace pixmill::imports {

// Calls `take` for what a file holds, in its order, with the line where it ends in `file.line`: of a list at the top
// its elements, with the key ""; of an object the values by key, and where a value is a list, its elements one by one.
// So memory is needed for one element. Throws Error{corrupt}: no JSON, or nested more deeply than any label file is;
// an element of more than some million values; and what `take` throws.
using TakeElement = std::function<void(std::string_view key, const nlohmann::json& element)>;
void each_element(LabelFile& file, const TakeElement& take);

// All of a short text as one value, with the same limits. `file`: whose line it is, for messages.
nlohmann::json parsed(LabelFile& file, std::string_view text);

// The first keys of an object at the top, or of the first object in a list at the top (`of_list`), as far as these
// bytes go. Nothing where they are something else.
struct FirstKeys {
  bool of_list = false;
  bool ends = false;  // the first object ends within the bytes, and more follows it: one of several lines
  std::vector<std::string> keys;

  bool has(std::string_view key) const;
};
FirstKeys first_keys(std::string_view head);

}  // namespace pixmill::imports
