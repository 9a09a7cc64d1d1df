// pixmill config preset: list, save, show, remove.
#include <algorithm>
#include <cstdio>
#include <system_error>

#include "cli/commands/commands.h"
#include "cli/commands/config_words.h"
#include "cli/commands/flag_tables.h"
#include "cli/output/event_json.h"
#include "cli/output/terminal.h"
#include "cli/output_file.h"
#include "pixmill/config/presets.h"
#include "pixmill/config/settings.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace {

std::filesystem::path folder() {
  return config::preset_folder(platform::find_home().settings);
}

nlohmann::ordered_json to_json(const config::Preset& preset) {
  nlohmann::ordered_json settings = nlohmann::ordered_json::object();
  for (const config::Setting& setting : preset.settings) {
    const std::string name = (setting.section.empty() ? "" : setting.section + ".") + setting.key;
    settings[name] = setting.values.size() == 1 ? nlohmann::ordered_json(setting.values.front())
                                                : nlohmann::ordered_json(setting.values);
  }
  return {{"name", preset.name},
          {"built_in", preset.file.empty()},
          {"file", preset.file.native()},
          {"summary", preset.summary},
          {"settings", settings}};
}

int list(const Invocation& invocation) {
  const std::vector<config::Preset> presets = config::all_presets(folder());
  if (invocation.values.on("json")) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const config::Preset& preset : presets) json.push_back(to_json(preset));
    std::puts(dump(json).c_str());
    return kAllGood;
  }
  std::size_t width = 0;
  for (const config::Preset& preset : presets) width = std::max(width, preset.name.size());
  for (const config::Preset& preset : presets) {
    std::printf("%-*s  %-8s  %s\n", static_cast<int>(width), printable(preset.name).c_str(),
                preset.file.empty() ? "built in" : "yours", printable(preset.summary).c_str());
  }
  return kAllGood;
}

int show(const Invocation& invocation, const std::string& name) {
  const config::Preset preset = config::find_preset(name, folder());
  if (invocation.values.on("json")) {
    std::puts(dump(to_json(preset)).c_str());
  } else {
    std::printf("# %s\n%s", printable(preset.file.empty() ? preset.summary : preset.file.string()).c_str(),
                config::settings_text(preset.settings).c_str());
  }
  return kAllGood;
}

bool is_of_every_job(const Flag& flag) {
  const std::vector<Flag>& shared = job_flags();
  return std::any_of(shared.begin(), shared.end(), [&](const Flag& other) { return other.name == flag.name; });
}

// What the options of a job set, those of other presets among them. What only one job has goes into its section.
std::vector<config::Setting> settings_of(const Invocation& options) {
  const Command& command = options.values.command();
  if (!options.arguments.empty())
    throw Error(ErrorCode::usage, "a preset holds options, not '" + options.arguments.front() + "'",
                "pixmill config preset save NAME --background white");
  std::vector<config::Setting> settings;
  for (const Flag* flag : command.flags) {
    const auto found = options.values.all().find(flag->name);
    if (found == options.values.all().end() || flag->name == "preset") continue;
    const Values::Value& value = found->second;
    if (value.origin != Origin::flag && value.origin != Origin::preset) continue;
    if (!flag->setting)
      throw Error(ErrorCode::usage, "--" + std::string(flag->name) + " cannot be part of a preset",
                  "give it on the command line, beside --preset");
    settings.push_back({is_of_every_job(*flag) ? "" : std::string(command.name), std::string(flag->name), value.texts});
  }
  if (settings.empty())
    throw Error(ErrorCode::usage, "a preset without options would do nothing",
                "pixmill config preset save NAME --background white");
  return settings;
}

int save(const std::string& name, std::vector<std::string> words, bool overwrite) {
  const std::filesystem::path file = config::preset_file(name, folder());
  const Command& job = take_job(words);
  const Invocation options = parse(job, words, platform::find_home().settings);
  write_output_file("config preset save", platform::target_of_links(file),
                    std::string(kPresetMark) + "\n" + config::settings_text(settings_of(options)), overwrite);
  std::printf("saved as %s; use it with --preset %s\n", printable(file.string()).c_str(), name.c_str());
  return kAllGood;
}

int remove(const std::string& name) {
  const std::filesystem::path file = config::preset_file(name, folder());
  std::error_code error;
  if (std::filesystem::remove(file, error)) return kAllGood;
  if (error) throw platform::write_error(error.value(), file);
  config::find_preset(name, folder());  // says which there are
  return kAllGood;
}

}  // namespace

int run_preset_word(const Invocation& invocation, const std::vector<std::string>& words) {
  const std::string word = words.empty() ? "list" : words.front();
  if (word != "list" && word != "save" && word != "show" && word != "remove")
    throw Error(ErrorCode::usage, "config preset: there is no '" + word + "'",
                "list, save NAME OPTIONS, show NAME, remove NAME");
  if (word != "save") refuse_options(invocation, words);
  if (word == "list") return list(invocation);
  if (words.size() < 2 || (word != "save" && words.size() > 2))
    throw Error(ErrorCode::usage, "config preset " + word + " takes the name of a preset",
                "pixmill config preset list shows them");
  if (word == "show") return show(invocation, words[1]);
  if (word == "remove") return remove(words[1]);
  return save(words[1], {words.begin() + 2, words.end()}, invocation.values.on("overwrite"));
}

}  // namespace pixmill::cli
