// Presets: options that belong together, under a name. Some are built in; the user's own are files in a folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/config/settings.h"

namespace pixmill::config {

struct Preset {
  std::string name;
  std::string summary;  // one line; of the user's own: what it sets
  std::vector<Setting> settings;
  std::filesystem::path file;  // empty: built in
};

// presets/ beside the settings file.
std::filesystem::path preset_folder(const std::filesystem::path& settings_file);

// The text of a preset of the user's own. Throws Error{usage} with the line.
Preset parse_preset(std::string_view yaml, const std::filesystem::path& file);

// Those that are built in, then the user's own by name. A file that cannot be read has the error as its summary.
std::vector<Preset> all_presets(const std::filesystem::path& folder);

// Throws Error{usage}: an unknown name, with the nearest known one, or a damaged file.
Preset find_preset(const std::string& name, const std::filesystem::path& folder);

// Where the user's own preset of this name lies. Throws Error{usage} for a name that is built in or fits no file.
std::filesystem::path preset_file(const std::string& name, const std::filesystem::path& folder);

}  // namespace pixmill::config
