// pixmill config: settings, and where each comes from.
#include <cstdio>

#include "cli/event_json.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "core/nearest.h"
#include "models/settings.h"
#include "pixmill/pipeline/home.h"

namespace pixmill::cli {
namespace {

const Verb& job_named(const std::string& name) {
  const Verb* verb = find_verb(name);
  if (verb == nullptr)
    throw Error(ErrorCode::usage, "config: there is no job '" + name + "'", "pixmill --help lists the jobs");
  return *verb;
}

int show(const Invocation& invocation) {
  const Verb& verb = job_named(invocation.arguments.size() > 1 ? invocation.arguments[1] : "cutout");
  const Invocation resolved = parse(verb, {}, pipeline::find_home().settings);
  nlohmann::ordered_json json;
  for (const Flag* flag : verb.flags) {
    if (!flag->setting) continue;
    const auto found = resolved.values.all().find(flag->name);
    const bool set = found != resolved.values.all().end();
    std::string text;
    for (const std::string& value : resolved.values.texts(flag->name)) text += (text.empty() ? "" : ",") + value;
    const std::string origin(name_of(set ? found->second.origin : Origin::fallback));
    const std::string where = set ? found->second.where : "";
    json[std::string(flag->name)] = {{"value", text}, {"origin", origin}, {"where", where}};
    if (!invocation.values.on("json")) {
      std::printf("%-16s %-20s %s%s%s\n", std::string(flag->name).c_str(), printable(text.empty() ? "-" : text).c_str(),
                  origin.c_str(), where.empty() ? "" : " ", printable(where).c_str());
    }
  }
  if (invocation.values.on("json")) std::puts(dump(json).c_str());
  return kAllGood;
}

int set(const Invocation& invocation) {
  if (invocation.arguments.size() != 3)
    throw Error(ErrorCode::usage, "config set takes a key and a value", "pixmill config set cutout.format webp");
  const std::string& name = invocation.arguments[1];
  const std::size_t dot = name.find('.');
  const std::string section = dot == std::string::npos ? "" : name.substr(0, dot);
  const std::string key = name.substr(dot == std::string::npos ? 0 : dot + 1);
  std::vector<std::string> known;
  for (const Verb& verb : verbs()) {
    if (!section.empty() && verb.name != job_named(section).name) continue;
    for (const Flag* flag : verb.flags) {
      if (!flag->setting) continue;
      known.emplace_back(flag->name);
      if (flag->name != key) continue;
      Values(verb).set(*flag, {invocation.arguments[2]}, Origin::file, key);  // only to check it
      models::write_setting(pipeline::find_home().settings, section, key, invocation.arguments[2]);
      return kAllGood;
    }
  }
  const auto near = nearest(key, known);
  throw Error(ErrorCode::usage, "config: there is no setting '" + key + "'",
              near ? "did you mean '" + *near + "'?" : "pixmill config show lists them");
}

}  // namespace

int run_config(const Invocation& invocation) {
  const std::string word = invocation.arguments.empty() ? "show" : invocation.arguments.front();
  if (word == "show") return show(invocation);
  if (word == "set") return set(invocation);
  if (word == "path") {
    std::puts(pipeline::find_home().settings.c_str());
    return kAllGood;
  }
  throw Error(ErrorCode::usage, "config: there is no '" + word + "'", "pixmill config --help");
}

}  // namespace pixmill::cli
