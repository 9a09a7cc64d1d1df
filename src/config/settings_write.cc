// Changes a settings file line by line, so that order, comments and blank lines stay.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <system_error>

#include "pixmill/config/settings.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"

namespace pixmill::config {
namespace fs = std::filesystem;
namespace {

// A scalar as YAML reads it back to the same text.
std::string quoted(const std::string& value) {
  YAML::Emitter emitter;
  emitter << YAML::DoubleQuoted << value;
  if (!emitter.good() || YAML::Load(emitter.c_str()).Scalar() != value) {
    throw Error(ErrorCode::usage, "a settings file cannot hold the value '" + value + "'",
                "it is not text in UTF-8: give it on the command line");
  }
  const bool plain = !value.empty() &&
                     value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-") ==
                         std::string::npos &&
                     !value.starts_with('-') && value != "null" && value != "Null" && value != "NULL";
  return plain ? value : emitter.c_str();
}

std::string entry_text(const std::string& indentation, const std::string& key, const std::vector<std::string>& values) {
  std::string text = indentation + key + ": ";
  if (values.size() == 1) return text + quoted(values.front());
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ", ") + quoted(value);
  return text + "[" + list + "]";
}

std::size_t indentation_of(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

bool says_nothing(std::string_view line) {
  const std::size_t start = indentation_of(line);
  return start == line.size() || line[start] == '#';
}

bool is_list_element(std::string_view line, std::size_t indentation) {
  return indentation_of(line) == indentation && line.substr(indentation).starts_with('-');
}

bool sets(std::string_view line, std::string_view key, std::size_t indentation) {
  if (indentation_of(line) != indentation) return false;
  line.remove_prefix(indentation);
  return line.starts_with(key) && line.substr(key.size()).starts_with(':');
}

// Lines [first, last) of the file.
struct Range {
  std::size_t first = 0, last = 0;
  bool empty() const { return first == last; }
};

class Lines {
 public:
  explicit Lines(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      lines_.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }

  // The whole of `key: ...` in a section: the line and what hangs below it. Empty where it is missing.
  Range entry(const std::string& section, const std::string& key) const {
    if (section.empty()) return find(key, 0, {0, lines_.size()});
    const Range inside = body(section);
    return inside.empty() ? Range{} : find(key, indentation_of(lines_[first_entry(inside)]), inside);
  }

  void put(const std::string& section, const std::string& key, const std::vector<std::string>& values) {
    const Range old = entry(section, key);
    const Range inside = body(section);
    const std::string margin =
        section.empty() ? "" : std::string(inside.empty() ? 2 : indentation_of(lines_[first_entry(inside)]), ' ');
    const std::string text = entry_text(margin, key, values);
    if (!old.empty()) {
      erase(old);
      insert(old.first, text);
    } else if (!inside.empty()) {
      insert(inside.last, text);
    } else {
      if (!section.empty()) lines_.push_back(section + ":");
      lines_.push_back(text);
    }
  }

  // A section that loses its last entry goes too: without one it would be no section.
  void remove(const std::string& section, const std::string& key) {
    erase(entry(section, key));
    if (section.empty()) return;
    const Range left = find(section, 0, {0, lines_.size()});
    if (left.last - left.first == 1) erase(left);
  }

  std::string text() const {
    std::string all;
    for (const std::string& line : lines_) all += line + "\n";
    return all;
  }

 private:
  Range find(const std::string& key, std::size_t indentation, Range where) const {
    for (std::size_t at = where.first; at < where.last; ++at) {
      if (!sets(lines_[at], key, indentation)) continue;
      Range found{at, at + 1};
      for (std::size_t next = at + 1; next < where.last; ++next) {
        const std::string& line = lines_[next];
        if (says_nothing(line)) continue;
        if (indentation_of(line) <= indentation && !is_list_element(line, indentation)) break;
        found.last = next + 1;
      }
      return found;
    }
    return {};
  }

  Range body(const std::string& section) const {
    if (section.empty()) return {};
    const Range whole = find(section, 0, {0, lines_.size()});
    return whole.empty() ? Range{} : Range{whole.first + 1, whole.last};
  }

  std::size_t first_entry(Range inside) const {
    while (says_nothing(lines_[inside.first])) ++inside.first;
    return inside.first;
  }

  void erase(Range range) {
    lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(range.first),
                 lines_.begin() + static_cast<std::ptrdiff_t>(range.last));
  }

  void insert(std::size_t at, const std::string& line) {
    lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(at), line);
  }

  std::vector<std::string> lines_;
};

std::string text_of(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error) ? platform::read_text(file, kLargestSettings) : std::string();
}

void write_back(const fs::path& file, const Lines& lines) {
  parse_settings(lines.text(), file.string());  // never write what cannot be read back
  platform::write_whole(platform::target_of_links(file), lines.text());
}

platform::FileLock lock_of(const fs::path& file) {
  return platform::FileLock(fs::path(file) += ".lock");  // two processes that change it at once: no change is lost
}

}  // namespace

void write_setting(const fs::path& file, const std::string& section, const std::string& key,
                   const std::vector<std::string>& values) {
  const platform::FileLock lock = lock_of(file);
  Lines lines(text_of(file));
  lines.put(section, key, values);
  write_back(file, lines);
}

bool remove_setting(const fs::path& file, const std::string& section, const std::string& key) {
  const platform::FileLock lock = lock_of(file);
  Lines lines(text_of(file));
  if (lines.entry(section, key).empty()) {
    for (const Setting& setting : parse_settings(lines.text(), file.string())) {
      if (setting.section != section || setting.key != key) continue;
      throw Error(ErrorCode::usage,
                  file.string() + ":" + std::to_string(setting.line) + ": '" + key + "' shares its line with others",
                  "remove it with an editor");
    }
    return false;
  }
  lines.remove(section, key);
  write_back(file, lines);
  return true;
}

std::string settings_text(const std::vector<Setting>& settings) {
  Lines lines("");
  for (const Setting& setting : settings) lines.put(setting.section, setting.key, setting.values);
  return lines.text();
}

}  // namespace pixmill::config
