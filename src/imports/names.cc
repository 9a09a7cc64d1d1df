// Lists of class names beside labels.
#include <yaml-cpp/yaml.h>

#include <string>

#include "pixmill/core/error.h"
#include "pixmill/imports/import.h"
#include "pixmill/models/class_names.h"

namespace pixmill::imports {
namespace {

YAML::Node root_of(std::string_view text, std::string_view shown) {
  try {
    return YAML::Load(std::string(text));
  } catch (const YAML::Exception& error) {
    throw Error(ErrorCode::usage,
                std::string(shown) + ":" + std::to_string(error.mark.line + 1) + ": it is no YAML: " + error.msg,
                "a list `names: [person, dog]` is expected");
  }
}

// What data.yaml says beside the names.
void check_data_set(const YAML::Node& root, std::string_view shown) {
  if (!root.IsMap() || !root["names"])
    throw Error(ErrorCode::usage, std::string(shown) + ": it has no list `names`",
                "names: [person, dog], or --names FILE with a name a line");
  if (root["kpt_shape"])
    throw Error(ErrorCode::unsupported, std::string(shown) + ": a data set of key points, which is not read",
                "boxes and segments are");
}

void check_count(const YAML::Node& root, std::size_t names, std::string_view shown) {
  std::int64_t count = 0;
  const YAML::Node nc = root["nc"];
  if (!nc || !nc.IsScalar() || !YAML::convert<std::int64_t>::decode(nc, count) ||
      count == static_cast<std::int64_t>(names))
    return;
  throw Error(ErrorCode::usage,
              std::string(shown) + ": `nc` is " + std::to_string(count) + ", and it names " + std::to_string(names) +
                  " classes",
              "correct one of the two");
}

}  // namespace

std::vector<std::string> names_of(std::string_view text, std::string_view shown) {
  if (!shown.ends_with(".yaml") && !shown.ends_with(".yml")) return models::names_from_file(text, shown);
  const YAML::Node root = root_of(text, shown);
  check_data_set(root, shown);
  std::vector<std::string> names = models::names_from_file(text, shown);
  check_count(root, names.size(), shown);
  return names;
}

}  // namespace pixmill::imports
