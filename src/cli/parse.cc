#include "cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "cli/commands/commands.h"
#include "pixmill/config/presets.h"
#include "pixmill/config/settings.h"
#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"

namespace pixmill::cli {
namespace {

// "did you mean --NAME?", else what to look at.
std::string hint_for(std::string_view name, const std::vector<std::string>& known, std::string_view prefix,
                     std::string otherwise) {
  const auto near = nearest(name, known);
  return near ? "did you mean " + std::string(prefix) + *near + "?" : std::move(otherwise);
}

std::string help_hint(const Command& command) {
  return "pixmill " + std::string(command.name) + " --help";
}

std::vector<std::string> setting_names(const Command& command) {
  std::vector<std::string> names;
  for (const Flag* flag : command.flags) {
    if (flag->setting) names.emplace_back(flag->name);
  }
  return names;
}

bool known_to_any_command(std::string_view name) {
  for (const Command& command : commands()) {
    const Flag* flag = find_flag(command, name);
    if (flag != nullptr && flag->setting) return true;
  }
  return false;
}

// Keys at the top hold for every command that has the flag; those in a section named like a command hold for that one
// only. `preset`: the name of the preset that `file` holds; empty for the settings file.
void apply(Values& values, const std::vector<config::Setting>& settings, const std::filesystem::path& file,
           const std::string& preset = {}) {
  for (const config::Setting& setting : settings) {
    const std::string where = file.string() + ":" + std::to_string(setting.line);
    const Command* section = setting.section.empty() ? nullptr : find_command(setting.section);
    if (!setting.section.empty() && section == nullptr) {
      throw Error(ErrorCode::usage, where + ": there is no job '" + setting.section + "'",
                  "sections are named like jobs: cutout");
    }
    const Flag* flag = find_flag(values.command(), setting.key);
    const bool known =
        section != nullptr ? find_flag(*section, setting.key) != nullptr : known_to_any_command(setting.key);
    if (!known || (flag != nullptr && !flag->setting)) {
      throw Error(ErrorCode::usage, where + ": there is no setting '" + setting.key + "'",
                  hint_for(setting.key, setting_names(section != nullptr ? *section : values.command()), "",
                           "pixmill config show lists them"));
    }
    const bool meant = section == &values.command() || (section == nullptr && flag != nullptr && !flag->section_only);
    if (flag != nullptr && meant) {
      values.set(*flag, setting.values, preset.empty() ? Origin::file : Origin::preset,
                 preset.empty() ? where : preset);
    }
  }
}

// Which presets are wanted is itself a value: the command line's, else the environment's, else the settings file's.
void apply_presets(Values& values, std::vector<std::string> names, const std::filesystem::path& settings_file) {
  if (find_flag(values.command(), "preset") == nullptr) return;
  const char* variable = std::getenv(config::environment_name("preset").c_str());
  if (names.empty() && variable != nullptr && *variable != '\0') names = {variable};
  if (names.empty()) names = values.texts("preset");
  for (const std::string& name : names) {
    const config::Preset preset = config::find_preset(name, config::preset_folder(settings_file));
    apply(values, preset.settings, preset.file, preset.name);
  }
}

void apply_environment(Values& values) {
  for (const Flag* flag : values.command().flags) {
    if (!flag->setting || flag->section_only) continue;
    const std::string name = config::environment_name(flag->name);
    const char* text = std::getenv(name.c_str());
    if (text != nullptr && *text != '\0') values.set(*flag, {text}, Origin::environment, name);
  }
}

}  // namespace

void throw_unknown_flag(const Command& command, const std::string& word) {
  std::vector<std::string> names;
  for (const Flag* flag : command.flags) names.emplace_back(flag->name);
  const std::string bare = word.substr(std::min(word.find_first_not_of('-'), word.size()));
  throw Error(ErrorCode::usage, "there is no option " + word,
              hint_for(bare.substr(0, bare.find('=')), names, "--", help_hint(command)));
}

void throw_unknown_word(const Command& command, const std::string& word) {
  throw Error(ErrorCode::usage, std::string(command.name) + ": there is no '" + word + "'",
              suggestion(word, {command.words.begin(), command.words.end()}));
}

Invocation parse(const Command& command, const std::vector<std::string>& words,
                 const std::filesystem::path& settings_file) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<const Flag*, std::vector<std::string>> given;
  std::map<const Flag*, bool> toggled;
  std::vector<std::pair<const Flag*, CLI::Option*>> options;
  for (const Flag* flag : command.flags) {
    std::string names = "--" + std::string(flag->name);
    if (flag->letter != 0) names = std::string("-") + flag->letter + "," + names;
    if (!flag->also.empty()) names += ",--" + std::string(flag->also);
    CLI::Option* option =
        flag->kind == Kind::toggle ? app.add_flag(names, toggled[flag]) : app.add_option(names, given[flag]);
    if (flag->kind != Kind::toggle) {
      option->expected(1)->allow_extra_args(false);
      option->multi_option_policy(flag->repeatable ? CLI::MultiOptionPolicy::TakeAll
                                                   : CLI::MultiOptionPolicy::TakeLast);
    }
    options.emplace_back(flag, option);
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them last first
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorCode::usage, error.what(), help_hint(command));
  }

  const auto preset = given.find(find_flag(command, "preset"));
  Invocation invocation{Values(command), {}};
  if (!command.keeps_settings) {
    apply(invocation.values, config::read_settings(settings_file), settings_file);
    apply_presets(invocation.values, preset == given.end() ? std::vector<std::string>() : preset->second,
                  settings_file);
  }
  apply_environment(invocation.values);
  for (const auto& [flag, option] : options) {
    if (option->count() == 0) continue;
    const std::string where = "--" + std::string(flag->name);
    if (flag->kind == Kind::toggle) {
      invocation.values.set(*flag, {toggled[flag] ? "true" : "false"}, Origin::flag, where);
    } else {
      invocation.values.set(*flag, given[flag], Origin::flag, where);
    }
  }
  bool only_arguments = false;
  for (const std::string& word : app.remaining()) {
    if (word == "--" && !only_arguments) {
      only_arguments = true;
    } else if (word.size() > 1 && word.starts_with('-') && !only_arguments && !command.keeps_settings) {
      throw_unknown_flag(command, word);
    } else {
      invocation.arguments.push_back(word);
    }
  }
  return invocation;
}

std::string command_line(const Invocation& invocation, const std::vector<std::string_view>& without) {
  const auto quoted = [](const std::string& word) {
    const bool plain = !word.empty() && word.find_first_of(" '\"\\$*?[]{}()<>|&;~#!\n\t") == std::string::npos;
    return plain ? word : shell_quoted(word);
  };
  std::string text = "pixmill " + std::string(invocation.values.command().name);
  for (const std::string& argument : invocation.arguments) text += " " + quoted(argument);
  for (const auto& [name, value] : invocation.values.all()) {
    if (value.origin != Origin::flag || std::find(without.begin(), without.end(), name) != without.end()) continue;
    const bool toggle = find_flag(invocation.values.command(), name)->kind == Kind::toggle;
    for (const std::string& word : value.texts) text += " --" + std::string(name) + (toggle ? "" : " " + quoted(word));
  }
  return text;
}

}  // namespace pixmill::cli
