// pixmill config: settings, and where each comes from.
#include <algorithm>
#include <cstdio>

#include "cli/commands/commands.h"
#include "cli/commands/config_words.h"
#include "cli/output/event_json.h"
#include "cli/output/terminal.h"
#include "pixmill/config/settings.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"
#include "pixmill/pipeline/tuning.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace {

const Command& job_named(const std::string& name) {
  const Command* command = find_command(name);
  if (command == nullptr)
    throw Error(ErrorCode::usage, "config: there is no job '" + name + "'", "pixmill --help lists the jobs");
  return *command;
}

// Options after the job are shown as they would work: `config show cutout --preset low-memory`.
int show(const Invocation& invocation, std::vector<std::string> words) {
  const Command& command = take_job(words);
  const Invocation resolved = parse(command, words, platform::find_home().settings);
  nlohmann::ordered_json json;
  for (const Flag* flag : command.flags) {
    if (!flag->setting) continue;
    const auto found = resolved.values.all().find(flag->name);
    const Values::Value value = found == resolved.values.all().end() ? Values::Value{} : found->second;
    const std::string origin(name_of(value.origin));
    const std::string text = joined(value.texts, ",");
    json[std::string(flag->name)] = {{"value", text}, {"origin", origin}, {"where", value.where}};
    if (!invocation.values.on("json")) {
      std::printf("%-16s %-20s %s%s%s\n", std::string(flag->name).c_str(), printable(text.empty() ? "-" : text).c_str(),
                  origin.c_str(), value.where.empty() ? "" : " ", printable(value.where).c_str());
    }
  }
  for (const pipeline::Tuning& tuning : pipeline::current_tunings(platform::find_home())) {
    if (tuning.setups.empty()) continue;
    const std::string setup = text_of(tuning.setups.front().setup);
    json["tuned"][tuning.model] = {{"setup", setup}, {"date", tuning.date}};
    if (!invocation.values.on("json"))
      std::printf("auto for %s: %s  tuned %s\n", printable(tuning.model).c_str(), setup.c_str(), tuning.date.c_str());
  }
  if (invocation.values.on("json")) std::puts(dump(json).c_str());
  return kAllGood;
}

struct Key {
  std::string section, name;
};

// "cutout.format" and "format".
Key key_from(const std::string& text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string::npos) return {"", text};
  return {text.substr(0, dot), text.substr(dot + 1)};
}

int set(const std::vector<std::string>& words) {
  if (words.size() < 2)
    throw Error(ErrorCode::usage, "config set takes a key and a value", "pixmill config set cutout.format webp");
  const Key key = key_from(words.front());
  const std::vector<std::string> values(words.begin() + 1, words.end());
  std::vector<std::string> known;
  for (const Command& command : commands()) {
    if (!key.section.empty() && command.name != job_named(key.section).name) continue;
    for (const Flag* flag : command.flags) {
      if (!flag->setting) continue;
      known.emplace_back(flag->name);
      if (flag->name != key.name) continue;
      if (values.size() > 1 && !flag->repeatable)
        throw Error(ErrorCode::usage, "config: '" + key.name + "' takes one value", "quote a value with spaces");
      Values(command).set(*flag, values, Origin::file, key.name);  // only to check it
      config::write_setting(platform::find_home().settings, key.section, key.name, values);
      return kAllGood;
    }
  }
  const auto near = nearest(key.name, known);
  throw Error(ErrorCode::usage, "config: there is no setting '" + key.name + "'",
              near ? "did you mean '" + *near + "'?" : "pixmill config show lists them");
}

int unset(const std::vector<std::string>& words) {
  if (words.size() != 1)
    throw Error(ErrorCode::usage, "config unset takes a key", "pixmill config unset cutout.format");
  const Key key = key_from(words.front());
  const std::filesystem::path file = platform::find_home().settings;
  if (config::remove_setting(file, key.section, key.name)) return kAllGood;
  std::vector<std::string> known;
  for (const config::Setting& setting : config::read_settings(file))
    known.push_back((setting.section.empty() ? "" : setting.section + ".") + setting.key);
  throw Error(ErrorCode::usage, "config: '" + words.front() + "' is not set in " + file.string(),
              known.empty() ? "nothing is set there" : suggestion(words.front(), known));
}

}  // namespace

const Command& take_job(std::vector<std::string>& words) {
  if (words.empty() || words.front().starts_with('-')) return default_job_command();
  const Command& command = job_named(words.front());
  words.erase(words.begin());
  return command;
}

void refuse_options(const Invocation& invocation, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word.starts_with("--")) throw_unknown_flag(invocation.values.command(), word);
  }
}

int run_config(const Invocation& invocation) {
  std::vector<std::string> words = invocation.arguments;
  const std::string word = words.empty() ? "show" : words.front();
  if (!words.empty()) words.erase(words.begin());
  if (invocation.values.on("dry-run") && word != "import")
    throw Error(ErrorCode::usage, "--dry-run goes with config import", "pixmill config --help");
  if (invocation.values.on("overwrite") && word != "preset")
    throw Error(ErrorCode::usage, "--overwrite goes with config preset save", "pixmill config --help");
  if (word == "show") return show(invocation, std::move(words));
  if (word == "preset") return run_preset_word(invocation, words);
  refuse_options(invocation, words);
  if (word == "set") return set(words);
  if (word == "unset") return unset(words);
  if (word == "import") return import_settings(invocation, words);
  if (word == "path") {
    const std::string path = platform::find_home().settings.string();
    std::puts(invocation.values.on("json") ? dump({{"path", path}}).c_str() : path.c_str());
    return kAllGood;
  }
  throw_unknown_word(invocation.values.command(), word);
}

}  // namespace pixmill::cli
