// Lists of class names: data.yaml of YOLO's tools, or a name a line.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <utility>

#include "imports/class_order.h"
#include "pixmill/core/error.h"
#include "pixmill/core/text.h"
#include "pixmill/imports/import.h"
#include "pixmill/models/class_names.h"

namespace pixmill::imports {
namespace {

using Names = std::vector<std::string>;

[[noreturn]] void fail(std::string_view shown, const std::string& what, const std::string& hint) {
  throw Error(ErrorCode::corrupt, std::string(shown) + ": " + what, hint);
}

// {0: person, 1: dog}: the keys count from 0.
Names of_map(const YAML::Node& map, std::string_view shown) {
  std::map<std::int64_t, std::string> by_number;
  for (const auto& entry : map) {
    std::int64_t number = -1;
    if (!entry.first.IsScalar() || !entry.second.IsScalar() ||
        !YAML::convert<std::int64_t>::decode(entry.first, number))
      fail(shown, "`names` holds what is no number with a name", "names:\n  0: person\n  1: dog");
    by_number[number] = entry.second.Scalar();
  }
  Names names;
  for (auto& [number, name] : by_number) {
    if (number != static_cast<std::int64_t>(names.size()))
      fail(shown, "`names` has no class " + std::to_string(names.size()), "number the classes from 0 without gaps");
    names.push_back(std::move(name));
  }
  return names;
}

Names of_list(const YAML::Node& list, std::string_view shown) {
  Names names;
  for (const YAML::Node& entry : list) {
    if (!entry.IsScalar()) fail(shown, "`names` holds what is no name", "names: [person, dog]");
    names.push_back(entry.Scalar());
  }
  return names;
}

Names of_yaml(std::string_view text, std::string_view shown) {
  YAML::Node root;
  try {
    root = YAML::Load(std::string(text));
  } catch (const YAML::Exception& error) {
    fail(shown, "it is no YAML: " + error.msg + " in line " + std::to_string(error.mark.line + 1),
         "a list `names: [person, dog]` is expected");
  }
  if (!root.IsMap() || !root["names"])
    fail(shown, "it has no list `names`", "names: [person, dog], or --names FILE with a name a line");
  if (root["kpt_shape"])
    throw Error(ErrorCode::unsupported, std::string(shown) + ": a data set of key points, which is not read",
                "boxes and segments are");
  const YAML::Node listed = root["names"];
  Names names = listed.IsMap() ? of_map(listed, shown) : listed.IsSequence() ? of_list(listed, shown) : Names();
  std::int64_t count = 0;
  const YAML::Node nc = root["nc"];
  if (nc && nc.IsScalar() && YAML::convert<std::int64_t>::decode(nc, count) &&
      count != static_cast<std::int64_t>(names.size()))
    fail(shown, "`nc` is " + std::to_string(count) + ", and it names " + std::to_string(names.size()) + " classes",
         "correct one of the two");
  return names;
}

Names of_lines(std::string_view text) {
  Names names;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    names.push_back(trimmed(line));
  }
  while (!names.empty() && names.back().empty()) names.pop_back();
  return names;
}

}  // namespace

Names names_of(std::string_view text, std::string_view shown) {
  const bool is_yaml = shown.ends_with(".yaml") || shown.ends_with(".yml");
  Names names = is_yaml ? of_yaml(text, shown) : of_lines(text);
  if (names.empty()) fail(shown, "it names no class", "a name a line is expected");
  if (names.size() > models::kMostClasses)
    fail(shown, "it names more than " + std::to_string(models::kMostClasses) + " classes", "is it a list of names?");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const std::string wrong = wrong_with_name(names[i]); !wrong.empty())
      fail(shown, "class " + std::to_string(i) + " " + wrong, "a name a line, the first one of class 0");
  }
  return names;
}

}  // namespace pixmill::imports
