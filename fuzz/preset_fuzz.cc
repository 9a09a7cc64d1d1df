// A preset: settings or Error{usage}; and what is written of them reads back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pixmill/config/presets.h"
#include "pixmill/core/error.h"

namespace {

using pixmill::config::Preset;
using Settings = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;

// What programs write are names of settings and of jobs.
bool is_plain(const std::string& name) {
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos && name != "null" &&
         !name.starts_with('-');
}

Preset read_again(const std::string& text) {
  try {
    return pixmill::config::parse_preset(text, "written.yaml");
  } catch (const pixmill::Error&) {
    std::abort();  // it refuses what it wrote itself
  }
}

// The order of sections may change.
Settings settings_of(const Preset& preset) {
  Settings all;
  for (const auto& setting : preset.settings) all[{setting.section, setting.key}] = setting.values;
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Preset preset = pixmill::config::parse_preset({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
    for (const auto& setting : preset.settings) {
      if (!is_plain(setting.section) || !is_plain(setting.key) || setting.key.empty()) return 0;
    }
    const std::string text = pixmill::config::settings_text(preset.settings);  // or Error: a value that is no text
    if (settings_of(read_again(text)) != settings_of(preset)) std::abort();
  } catch (const pixmill::Error& error) {
    if (error.code() != pixmill::ErrorCode::usage) std::abort();
  }
  return 0;
}
