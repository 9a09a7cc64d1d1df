#include "models/settings.h"

#include <yaml-cpp/yaml.h>

#include <set>
#include <system_error>

#include "models/files.h"
#include "pixmill/core/error.h"

namespace pixmill::models {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;

class Reader {
 public:
  explicit Reader(std::string_view origin) : origin_(origin) {}

  std::vector<Setting> read(const YAML::Node& root) {
    if (root.IsNull()) return {};
    if (!root.IsMap()) fail(root, "settings are written as 'name: value'");
    for (const auto& entry : root) {
      if (entry.second.IsMap()) {
        const std::string section = scalar(entry.first);
        for (const auto& inner : entry.second) take(section, inner.first, inner.second);
      } else {
        take({}, entry.first, entry.second);
      }
    }
    return std::move(settings_);
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& what) const {
    throw Error(ErrorCode::usage, std::string(origin_) + ":" + std::to_string(node.Mark().line + 1) + ": " + what,
                "pixmill config show lists the settings and their values");
  }

  std::string scalar(const YAML::Node& node) const {
    if (!node.IsScalar()) fail(node, "a plain word is expected here");
    return node.Scalar();
  }

  void take(const std::string& section, const YAML::Node& key, const YAML::Node& value) {
    Setting setting{section, scalar(key), {}, key.Mark().line + 1};
    if (!seen_.insert({section, setting.key}).second) fail(key, "'" + setting.key + "' stands twice");
    if (value.IsSequence()) {
      for (const YAML::Node& element : value) setting.values.push_back(scalar(element));
    } else {
      setting.values.push_back(scalar(value));
    }
    settings_.push_back(std::move(setting));
  }

  std::string_view origin_;
  std::set<std::pair<std::string, std::string>> seen_;
  std::vector<Setting> settings_;
};

// A scalar as YAML reads it back to the same text.
std::string quoted(const std::string& value) {
  YAML::Emitter emitter;
  emitter << YAML::DoubleQuoted << value;
  const bool plain = !value.empty() &&
                     value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-") ==
                         std::string::npos &&
                     !value.starts_with('-');
  return plain ? value : emitter.c_str();
}

// True for a line that sets `key` at that indentation, commented out or not being no matter of ours.
bool sets(std::string_view line, std::string_view key, bool indented) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos || (start > 0) != indented) return false;
  line.remove_prefix(start);
  return line.starts_with(key) && line.substr(key.size()).starts_with(':');
}

}  // namespace

std::vector<Setting> parse_settings(std::string_view yaml, std::string_view origin) {
  if (yaml.size() > kMaxBytes) {
    throw Error(ErrorCode::usage, std::string(origin) + ": larger than 1 MiB", "this cannot be a settings file");
  }
  try {
    return Reader(origin).read(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    throw Error(ErrorCode::usage,
                std::string(origin) + ":" + std::to_string(error.mark.line + 1) + ": not YAML: " + error.msg,
                "settings are written as 'name: value', one a line");
  }
}

std::vector<Setting> read_settings(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status)) return {};
  if (!fs::is_regular_file(status)) {
    throw Error(ErrorCode::unreadable, file.string() + " is not a file", "move it away; settings are a text file");
  }
  return parse_settings(read_text(file, kMaxBytes), file.string());
}

void write_setting(const fs::path& file, const std::string& section, const std::string& key, const std::string& value) {
  std::error_code error;
  const std::string old = fs::exists(file, error) ? read_text(file, kMaxBytes) : std::string();
  const std::string line = (section.empty() ? "" : "  ") + key + ": " + quoted(value);

  std::string text;
  bool written = false;
  bool inside = section.empty();
  for (std::size_t at = 0; at < old.size();) {
    const std::size_t end = std::min(old.find('\n', at), old.size());
    const std::string_view current(old.data() + at, end - at);
    at = end + 1;
    const bool blank = current.find_first_not_of(" \t") == std::string_view::npos;
    if (!section.empty() && !blank && !current.starts_with(' ') && !current.starts_with('#')) {
      if (inside && !written) text += line + "\n", written = true;  // the section ends without the key
      inside = sets(current, section, false);
    }
    if (inside && !written && sets(current, key, !section.empty())) {
      text += line + "\n";
      written = true;
    } else {
      text += std::string(current) + "\n";
    }
  }
  if (!written && !section.empty() && !inside) text += section + ":\n";
  if (!written) text += line + "\n";
  parse_settings(text, file.string());  // never write what cannot be read back

  write_whole(file, text);
}

}  // namespace pixmill::models
