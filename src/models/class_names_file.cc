// Names of classes as people keep them in files.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <string>

#include "pixmill/core/error.h"
#include "pixmill/core/text.h"
#include "pixmill/models/class_names.h"

namespace pixmill::models {
namespace {

[[noreturn]] void refuse(std::string_view origin, const std::string& what) {
  throw Error(ErrorCode::usage, std::string(origin) + ": " + what,
              "one name a line, a data.yaml with `names`, or a list in JSON");
}

std::string line_of(const YAML::Node& node) {
  return "line " + std::to_string(node.Mark().line + 1) + ": ";
}

// A list, or a mapping of the numbers from 0 on.
std::vector<std::string> names_in(const YAML::Node& node, std::string_view origin) {
  std::vector<std::string> names;
  if (node.IsSequence()) {
    for (const YAML::Node& name : node) {
      if (!name.IsScalar()) refuse(origin, line_of(name) + "a name is wanted here");
      names.push_back(name.Scalar());
    }
    return names;
  }
  if (!node.IsMap()) refuse(origin, line_of(node) + "a list of names is wanted here");
  for (const auto& entry : node) {
    if (!entry.first.IsScalar() || !entry.second.IsScalar())
      refuse(origin, line_of(entry.first) + "a name is wanted here");
    if (entry.first.Scalar() != std::to_string(names.size()))
      refuse(origin, line_of(entry.first) + "the class " + std::to_string(names.size()) + " is wanted here, not '" +
                         entry.first.Scalar() + "'");
    names.push_back(entry.second.Scalar());
  }
  return names;
}

// JSON is YAML, too.
std::vector<std::string> names_in_yaml(std::string_view text, std::string_view origin) {
  YAML::Node root;
  try {
    root = YAML::Load(std::string(text));
  } catch (const YAML::Exception& error) {
    refuse(origin, "line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
  const bool data = root.IsMap() && root["names"].IsDefined();
  return names_in(data ? root["names"] : root, origin);
}

bool has_line_that_begins(std::string_view text, std::string_view word) {
  return text.starts_with(word) || text.find("\n" + std::string(word)) != std::string_view::npos;
}

std::vector<std::string> names_in_lines(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (std::string name = trimmed(text.substr(0, end)); !name.empty()) names.push_back(std::move(name));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

void require_good(const std::vector<std::string>& names, std::string_view origin) {
  if (names.empty()) refuse(origin, "names no class");
  if (names.size() > kMostClasses) refuse(origin, "has more than " + std::to_string(kMostClasses) + " names");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto is_control = [](unsigned char letter) { return letter < 0x20 || letter == 0x7F; };
    if (names[i].empty() || names[i].size() > kLongestClass ||
        std::any_of(names[i].begin(), names[i].end(), is_control))
      refuse(origin, "the name of the class " + std::to_string(i) + " is empty, longer than " +
                         std::to_string(kLongestClass) + " bytes, or no text");
  }
}

}  // namespace

std::vector<std::string> names_from_file(std::string_view text, std::string_view origin) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool json = first != std::string_view::npos && (text[first] == '[' || text[first] == '{');
  std::vector<std::string> names =
      json || has_line_that_begins(text, "names:") ? names_in_yaml(text, origin) : names_in_lines(text);
  require_good(names, origin);
  return names;
}

}  // namespace pixmill::models
