#include "pixmill/config/presets.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"

namespace pixmill::config {
namespace fs = std::filesystem;
namespace {

struct BuiltIn {
  std::string_view name;
  std::string_view summary;
  std::string_view settings;  // as in a settings file
};

constexpr std::array kBuiltIn = {
    BuiltIn{"low-memory", "for small machines: two pictures in work, 256 MiB for those in flight",
            "batch: 1\nmemory: 256M\njobs: 2\n"},
    BuiltIn{"no-cache", "nothing is cached on disk: every inference is run", "cache: off\n"},
    BuiltIn{"small-batch", "for small GPUs: two pictures in one inference", "batch: 2\n"},
    BuiltIn{"fast", "a cut-out without the work on its edges", "cutout:\n  foreground: keep\n  refine: none\n"},
};

std::string settings_line(const std::vector<Setting>& settings) {
  std::string line;
  for (const Setting& setting : settings) {
    line += (line.empty() ? "" : " ") + (setting.section.empty() ? "" : setting.section + ".") + setting.key + "=";
    for (std::size_t i = 0; i < setting.values.size(); ++i) line += (i == 0 ? "" : ",") + setting.values[i];
  }
  return line;
}

Preset preset_of(const BuiltIn& built_in) {
  return {
      std::string(built_in.name), std::string(built_in.summary), parse_settings(built_in.settings, built_in.name), {}};
}

Preset preset_of(const fs::path& file, std::vector<Setting> settings) {
  for (const Setting& setting : settings) {
    if (setting.key == "preset") {
      throw Error(ErrorCode::usage, file.string() + ":" + std::to_string(setting.line) + ": presets hold no presets",
                  "write the settings themselves");
    }
  }
  std::string summary = settings_line(settings);
  return {file.stem().string(), std::move(summary), std::move(settings), file};
}

Preset preset_of(const fs::path& file) {
  return preset_of(file, read_settings(file));
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

fs::path preset_folder(const fs::path& settings_file) {
  return settings_file.parent_path() / "presets";
}

Preset parse_preset(std::string_view yaml, const fs::path& file) {
  return preset_of(file, parse_settings(yaml, file.string()));
}

std::vector<Preset> all_presets(const fs::path& folder) {
  std::vector<Preset> presets;
  for (const BuiltIn& built_in : kBuiltIn) presets.push_back(preset_of(built_in));
  for (const fs::path& file : files_in(folder)) {
    try {
      presets.push_back(preset_of(file));
    } catch (const Error& error) {
      presets.push_back({file.stem().string(), error.message(), {}, file});
    }
  }
  return presets;
}

Preset find_preset(const std::string& name, const fs::path& folder) {
  std::vector<std::string> known;
  for (const BuiltIn& built_in : kBuiltIn) {
    if (built_in.name == name) return preset_of(built_in);
    known.emplace_back(built_in.name);
  }
  for (const fs::path& file : files_in(folder)) {
    if (file.stem() == name) return preset_of(file);
    known.push_back(file.stem().string());
  }
  throw Error(ErrorCode::usage, "there is no preset '" + name + "'", suggestion(name, known));
}

fs::path preset_file(const std::string& name, const fs::path& folder) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (name.empty() || name.size() > 64 || name.starts_with('-') ||
      name.find_first_not_of(kLetters) != std::string::npos) {
    throw Error(ErrorCode::usage, "'" + name + "' is not a name for a preset",
                "use letters, digits, - and _, at most 64 of them");
  }
  if (std::any_of(kBuiltIn.begin(), kBuiltIn.end(), [&](const BuiltIn& preset) { return preset.name == name; })) {
    throw Error(ErrorCode::usage, "the preset '" + name + "' is built in", "choose another name for your own");
  }
  return folder / (name + ".yaml");
}

}  // namespace pixmill::config
