// The settings file: names of flags and their values, for all jobs or, in a section, for one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pixmill::config {

constexpr std::size_t kLargestSettings = 1 << 20;  // bytes of a settings file

struct Setting {
  std::string section;  // "" or a job: "cutout"
  std::string key;
  std::vector<std::string> values;  // one, or several where the file has a list
  int line = 0;                     // 1-based
};

// Parses `device: cpu` and sections `cutout: {format: webp}`; no meaning is given to names. Throws Error{usage} with
// the line for anything deeper, for a key or a section that stands twice, or for what is not YAML.
std::vector<Setting> parse_settings(std::string_view yaml, std::string_view origin);

// The same of a file; nothing where there is no file. Throws Error{unreadable}.
std::vector<Setting> read_settings(const std::filesystem::path& file);

// The settings of another program, at any depth: the section is then the path to the key ("performance", "a.b"), and
// a key without a value has none. Throws Error{not_found, unreadable, usage}.
std::vector<Setting> read_foreign_settings(const std::filesystem::path& file);

// Puts one value (or a list) into the file, which is made when it is missing; other lines and comments stay as they
// are. Throws Error{usage, unwritable}.
void write_setting(const std::filesystem::path& file, const std::string& section, const std::string& key,
                   const std::vector<std::string>& values);

// Takes one out again; false where the file does not have it.
bool remove_setting(const std::filesystem::path& file, const std::string& section, const std::string& key);

// A whole file of settings, each section once.
std::string settings_text(const std::vector<Setting>& settings);

}  // namespace pixmill::config
