#include "pixmill/config/settings.h"

#include <yaml-cpp/yaml.h>

#include <set>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"

namespace pixmill::config {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostSettings = 10'000;  // YAML aliases can expand a line to millions

// `deep`: of another program, so sections may hold sections, and values may be missing or lists of lists.
class Reader {
 public:
  Reader(std::string_view origin, bool deep) : origin_(origin), deep_(deep) {}

  std::vector<Setting> read(const YAML::Node& root) {
    if (root.IsNull()) return {};
    if (!root.IsMap()) fail(root, "settings are written as 'name: value'");
    walk({}, root);
    return std::move(settings_);
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& what) const {
    throw Error(ErrorCode::usage, std::string(origin_) + ":" + std::to_string(node.Mark().line + 1) + ": " + what,
                deep_ ? "" : "pixmill config show lists the settings and their values");
  }

  std::string scalar(const YAML::Node& node) const {
    if (!node.IsScalar()) fail(node, "a plain word is expected here");
    return node.Scalar();
  }

  void note(const std::string& section, const std::string& name, const YAML::Node& key) {
    if (!seen_.insert({section, name}).second) fail(key, "'" + name + "' appears twice");
  }

  void walk(const std::string& section, const YAML::Node& map) {
    for (const auto& entry : map) {
      if (entry.second.IsMap() && (deep_ || section.empty())) {
        const std::string name = scalar(entry.first);
        if (!deep_) note(section, name, entry.first);
        walk((section.empty() ? "" : section + ".") + name, entry.second);
      } else {
        take(section, entry.first, entry.second);
      }
    }
  }

  void take(const std::string& section, const YAML::Node& key, const YAML::Node& value) {
    Setting setting{section, scalar(key), {}, key.Mark().line + 1};
    note(section, setting.key, key);
    if (settings_.size() == kMostSettings) fail(key, "more than 10000 settings");
    if (value.IsSequence()) {
      for (const YAML::Node& element : value)
        setting.values.push_back(deep_ && !element.IsScalar() ? YAML::Dump(element) : scalar(element));
    } else if (!deep_ || !value.IsNull()) {
      setting.values.push_back(scalar(value));
    }
    settings_.push_back(std::move(setting));
  }

  std::string_view origin_;
  bool deep_;
  std::set<std::pair<std::string, std::string>> seen_;
  std::vector<Setting> settings_;
};

std::vector<Setting> parse(std::string_view yaml, std::string_view origin, bool deep) {
  if (yaml.size() > kLargestSettings) {
    throw Error(ErrorCode::usage, std::string(origin) + ": larger than 1 MiB", "this cannot be a settings file");
  }
  try {
    return Reader(origin, deep).read(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    throw Error(ErrorCode::usage,
                std::string(origin) + ":" + std::to_string(error.mark.line + 1) + ": not YAML: " + error.msg,
                "settings are written as 'name: value', one a line");
  }
}

}  // namespace

std::vector<Setting> parse_settings(std::string_view yaml, std::string_view origin) {
  return parse(yaml, origin, false);
}

std::vector<Setting> read_foreign_settings(const fs::path& file) {
  return parse(platform::read_text(file, kLargestSettings), file.string(), true);
}

std::vector<Setting> read_settings(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status)) return {};
  if (!fs::is_regular_file(status)) {
    throw Error(ErrorCode::unreadable, file.string() + " is not a file", "move it away; settings are a text file");
  }
  return parse_settings(platform::read_text(file, kLargestSettings), file.string());
}

}  // namespace pixmill::config
