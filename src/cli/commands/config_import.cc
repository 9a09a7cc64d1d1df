// pixmill config import: takes over the settings of another program (AnyLabeling, X-AnyLabeling and programs like
// them), and says what became of every key.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <optional>

#include "cli/commands/commands.h"
#include "cli/commands/config_words.h"
#include "cli/output/event_json.h"
#include "cli/output/terminal.h"
#include "pixmill/config/old_settings.h"
#include "pixmill/config/settings.h"
#include "pixmill/core/nearest.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace {

enum class Outcome { taken, meaningless, refused, unknown };

struct OutcomeText {
  const char* word;     // in --json
  const char* heading;  // for people
};

constexpr OutcomeText kOutcomes[] = {{"taken", "taken"},
                                     {"meaningless", "nothing to set"},
                                     {"refused", "not imported: invalid value"},
                                     {"unknown", "not known"}};

std::string full_name(const std::string& section, std::string_view key) {
  return section.empty() ? std::string(key) : section + "." + std::string(key);
}

struct Ours {
  std::string section, key;
  std::vector<std::string> values;
};

// One key of the old file and what became of it.
struct Imported {
  config::Setting old;
  const config::OldSetting* row = nullptr;  // null: ours by its own name, or unknown
  Outcome outcome = Outcome::unknown;
  std::vector<Ours> ours;
  std::string because;

  std::string name() const { return full_name(old.section, old.key); }
};

std::string text_of(const std::vector<std::string>& values) {
  if (values.size() == 1) return values.front();
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ", ") + value;
  return values.empty() ? "null" : "[" + list + "]";
}

const Flag* setting_flag(const std::string& section, std::string_view key) {
  for (const Command& command : commands()) {
    if (!section.empty() && command.name != section) continue;
    const Flag* flag = find_flag(command, key);
    if (flag != nullptr && flag->setting) return flag;
  }
  return nullptr;
}

const config::OldSetting* find_row(const std::string& name) {
  const auto table = config::old_settings();
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const config::OldSetting& row) { return row.name == name; });
  return found == table.end() ? nullptr : &*found;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Decides over keys in the order of the table, so that the stronger of two that mean the same comes first.
class Importer {
 public:
  void decide(Imported& key) {
    if (key.row == nullptr) return take_own_name(key);
    const std::string value = text_of(key.old.values);
    const config::OldValue* meaning = meaning_of(*key.row, value);
    if (meaning == nullptr) {
      key.outcome = Outcome::refused;
      key.because = "takes " + words_of(*key.row);
    } else if (meaning->ours.empty() || (!meaning->on_device.empty() && device() != meaning->on_device)) {
      key.outcome = Outcome::meaningless;
      key.because = meaning->because;
    } else {
      for (const auto& [name, pattern] : meaning->ours) propose(key, "", name, {filled(name, pattern, value)});
    }
  }

 private:
  struct Choice {
    std::vector<std::string> values;
    std::string from;
  };

  std::string device() const {
    const auto found = chosen_.find("device");
    return found == chosen_.end() ? "" : text_of(found->second.values);
  }

  static const config::OldValue* meaning_of(const config::OldSetting& row, const std::string& value) {
    for (const config::OldValue& meaning : row.values) {
      if (meaning.value.empty() || same_word(meaning.value, value)) return &meaning;
    }
    return nullptr;
  }

  static std::string words_of(const config::OldSetting& row) {
    std::string words;
    for (const config::OldValue& meaning : row.values)
      words += (words.empty() ? "" : ", ") + std::string(meaning.value);
    return words;
  }

  // Devices are written small here, paths as they are.
  static std::string filled(std::string_view name, std::string_view pattern, const std::string& value) {
    std::string text(pattern);
    const std::size_t hole = text.find("{}");
    if (hole != std::string::npos) text.replace(hole, 2, name == "device" ? lower(value) : value);
    return text;
  }

  void take_own_name(Imported& key) {
    if (setting_flag(key.old.section, key.old.key) != nullptr) {
      propose(key, key.old.section, key.old.key, key.old.values);
      return;
    }
    std::vector<std::string> known;
    for (const config::OldSetting& row : config::old_settings()) known.emplace_back(row.name);
    for (const Command& command : commands()) {
      for (const Flag* flag : command.flags) {
        if (flag->setting) known.emplace_back(flag->name);
      }
    }
    const auto near = nearest(key.old.key, known);
    key.because = near ? "did you mean " + *near + "?" : "not a setting of pixmill";
  }

  void propose(Imported& key, const std::string& section, std::string_view name, std::vector<std::string> values) {
    const Flag* flag = setting_flag(section, name);
    const std::string reason = refuse(flag, values);
    if (!reason.empty()) {
      key.outcome = Outcome::refused;
      key.because = std::string(name) + " " + reason;
      key.ours.clear();
      return;
    }
    const auto [choice, first] = chosen_.try_emplace(full_name(section, name), Choice{values, key.name()});
    if (!first) {
      if (key.outcome != Outcome::taken) key.outcome = Outcome::meaningless;
      key.because = std::string(name) + " is decided by " + choice->second.from;
      return;
    }
    key.outcome = Outcome::taken;
    key.ours.push_back({section, std::string(name), std::move(values)});
  }

  static std::string refuse(const Flag* flag, const std::vector<std::string>& values) {
    if (flag == nullptr) return "is not a setting of this build";
    if (values.empty() || (values.size() > 1 && !flag->repeatable)) return "takes one value";
    for (const std::string& value : values) {
      std::string reason = refuse_value(*flag, value);
      if (!reason.empty()) return reason;
    }
    return "";
  }

  std::map<std::string, Choice> chosen_;  // by our names
};

std::vector<Imported> read_keys(const std::filesystem::path& file) {
  std::vector<Imported> keys;
  for (config::Setting& setting : config::read_foreign_settings(file)) {
    const config::OldSetting* row = find_row(setting.key);
    keys.push_back({std::move(setting), row, Outcome::unknown, {}, {}});
  }
  Importer importer;
  std::vector<Imported*> order;
  for (Imported& key : keys) order.push_back(&key);
  std::stable_sort(order.begin(), order.end(), [](const Imported* a, const Imported* b) { return a->row < b->row; });
  for (Imported* key : order) importer.decide(*key);
  return keys;
}

std::string ours_text(const Imported& key) {
  std::string text;
  for (const Ours& ours : key.ours) {
    text += (text.empty() ? "" : ", ") + full_name(ours.section, ours.key) + ": " + text_of(ours.values);
  }
  return text;
}

void print(const std::vector<Imported>& keys) {
  std::size_t width = 0;
  for (const Imported& key : keys) width = std::max(width, key.name().size() + text_of(key.old.values).size() + 2);
  for (const Outcome outcome : {Outcome::taken, Outcome::meaningless, Outcome::refused, Outcome::unknown}) {
    bool headed = false;
    for (const Imported& key : keys) {
      if (key.outcome != outcome) continue;
      if (!headed) std::printf("%s\n", kOutcomes[static_cast<int>(outcome)].heading);
      headed = true;
      const std::string old = printable(key.name() + ": " + text_of(key.old.values));
      std::string result = ours_text(key);
      if (!key.because.empty()) result += (result.empty() ? "" : "; ") + key.because;
      std::printf("  %-*s  %s\n", static_cast<int>(std::min<std::size_t>(width, 50)), old.c_str(),
                  printable(result).c_str());
    }
  }
}

nlohmann::ordered_json to_json(const std::vector<Imported>& keys) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Imported& key : keys) {
    nlohmann::ordered_json settings = nlohmann::ordered_json::object();
    for (const Ours& ours : key.ours) settings[full_name(ours.section, ours.key)] = text_of(ours.values);
    list.push_back({{"key", key.name()},
                    {"value", text_of(key.old.values)},
                    {"line", key.old.line},
                    {"state", kOutcomes[static_cast<int>(key.outcome)].word},
                    {"settings", settings},
                    {"reason", key.because}});
  }
  return list;
}

}  // namespace

int import_settings(const Invocation& invocation, const std::vector<std::string>& words) {
  if (words.size() != 1)
    throw Error(ErrorCode::usage, "config import takes one file", "pixmill config import ~/.anylabelingrc");
  const std::filesystem::path settings = platform::find_home().settings;
  const bool write = !invocation.values.on("dry-run");
  const std::vector<Imported> keys = read_keys(words.front());
  if (write) {
    for (const Imported& key : keys) {
      for (const Ours& ours : key.ours) config::write_setting(settings, ours.section, ours.key, ours.values);
    }
  }
  const auto taken = std::count_if(keys.begin(), keys.end(), [](const Imported& key) { return !key.ours.empty(); });
  if (invocation.values.on("json")) {
    std::puts(dump({{"file", words.front()},
                    {"settings_file", settings.native()},
                    {"written", write && taken > 0},
                    {"keys", to_json(keys)}})
                  .c_str());
  } else {
    print(keys);
    std::printf("%s%s\n", keys.empty() ? "" : "\n",
                taken == 0 ? "nothing to import"
                : write    ? ("written to " + printable(settings.string())).c_str()
                           : "nothing was written: --dry-run");
  }
  const bool all_good = std::none_of(keys.begin(), keys.end(), [](const Imported& key) {
    return key.outcome == Outcome::refused || key.outcome == Outcome::unknown;
  });
  return all_good ? kAllGood : kSomeFailed;
}

}  // namespace pixmill::cli
