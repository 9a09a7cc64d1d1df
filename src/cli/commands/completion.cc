// pixmill completion: scripts for bash, zsh and fish, from the flag table; and the names that they offer.
#include <algorithm>
#include <cstdio>
#include <optional>

#include "cli/commands/commands.h"
#include "pixmill/config/presets.h"
#include "pixmill/core/text.h"
#include "pixmill/models/model_store.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace {

std::string list(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : " ") + std::string(word);
  return text;
}

// What a shell runs to learn the names of models or presets.
std::string names_command(std::string_view kind) {
  return "pixmill completion " + std::string(kind) + " 2>/dev/null";
}

// A case pattern for the words before the one that is completed: 'cutout --model'|'cutout -m'.
std::string bash_pattern(const Command& command, const Flag& flag) {
  const std::string start = "'" + std::string(command.name) + " -";
  std::string pattern = start + "-" + std::string(flag.name) + "'";
  if (flag.letter != 0) pattern += "|" + start + flag.letter + "'";
  return pattern;
}

std::string bash() {
  std::string script =
      "_pixmill() {\n  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
      "command=${COMP_WORDS[1]} "
      "words=''\n";
  script += "  if [ \"$COMP_CWORD\" = 1 ]; then words='";
  for (const Command& command : commands()) script += std::string(command.name) + " ";
  script += "--help --version'; else\n  case \"$command $before\" in\n";
  for (const Command& command : commands()) {
    for (const Flag* flag : command.flags) {
      if (flag->choices.empty() && flag->completes.empty()) continue;
      const std::string words =
          flag->completes.empty() ? "'" + list(flag->choices) + "'" : "\"$(" + names_command(flag->completes) + ")\"";
      script += "    " + bash_pattern(command, *flag) + ") COMPREPLY=($(compgen -W " + words + " -- \"$word\")";
      if (flag->completes == "models") script += " $(compgen -f -- \"$word\")";
      script += "); return;;\n";
    }
    if (!command.words.empty())
      script += "    '" + std::string(command.name) + " " + std::string(command.name) +
                "') [ \"$COMP_CWORD\" = 2 ] && COMPREPLY=($(compgen -W '" + list(command.words) +
                "' -- \"$word\")) && return;;\n";
  }
  script +=
      "    'models show'|'models pull'|'models remove'|'models verify'|'models batchable'|'models rebatch') words=$(" +
      names_command("models") + ");;\n";
  script += "  esac\n  case \"$command\" in\n";
  for (const Command& command : commands()) {
    script += "    " + std::string(command.name) + ") words=\"$words ";
    for (const Flag* flag : command.flags) script += "--" + std::string(flag->name) + " ";
    script += "--help\";;\n";
  }
  script +=
      "  esac\n  fi\n  case \"$word\" in -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\"));;\n"
      "  *) COMPREPLY=($(compgen -W \"$(printf '%s\\n' $words | grep -v '^-')\" -- \"$word\") $(compgen -f -- "
      "\"$word\"));; esac\n}\n"
      "complete -o filenames -F _pixmill pixmill\n";
  return script;
}

// Text between the brackets of an _arguments spec, where : [ ] and \ would be read as its punctuation.
std::string zsh_escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string zsh_action(const Flag& flag) {
  if (flag.kind == Kind::toggle) return "";
  if (flag.completes == "models") return ":model:{compadd -- $(" + names_command("models") + "); _files}";
  if (!flag.completes.empty()) return ":name:{compadd -- $(" + names_command(flag.completes) + ")}";
  if (!flag.choices.empty()) return ":value:(" + list(flag.choices) + ")";
  return flag.kind == Kind::path ? ":file:_files" : ":value:";
}

std::string zsh_specs(const Flag& flag) {
  const std::string tail = "[" + zsh_escaped(flag.help) + "]" + zsh_action(flag);
  const std::string often = flag.repeatable ? "*" : "";
  std::string specs = shell_quoted(often + "--" + std::string(flag.name) + tail) + " ";
  if (flag.letter != 0) specs += shell_quoted(often + "-" + flag.letter + tail) + " ";
  return specs;
}

std::string zsh() {
  std::string script = "#compdef pixmill\n_pixmill() {\n  local -a commands\n  commands=(";
  for (const Command& command : commands())
    script += shell_quoted(std::string(command.name) + ":" + std::string(command.summary)) + " ";
  script += ")\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n";
  script += "  local command=$words[2]\n  shift words; (( CURRENT-- ))\n  case $command in\n";
  for (const Command& command : commands()) {
    script += "    " + std::string(command.name) + ") _arguments ";
    for (const Flag* flag : command.flags) script += zsh_specs(*flag);
    if (!command.words.empty()) script += shell_quoted("1:word:(" + list(command.words) + ")") + " ";
    script += command.name == "models" ? shell_quoted("*:model:{compadd -- $(" + names_command("models") + "); _files}")
                                       : "'*:file:_files'";
    script += ";;\n";
  }
  return script + "  esac\n}\n_pixmill \"$@\"\n";
}

std::string fish() {
  std::string script;
  for (const Command& command : commands()) {
    const std::string name(command.name);
    script += "complete -c pixmill -n __fish_use_subcommand -a " + name + " -d " + shell_quoted(command.summary) + "\n";
    const std::string scope = "complete -c pixmill -n '__fish_seen_subcommand_from " + name + "'";
    if (!command.words.empty()) {
      script += "complete -c pixmill -n '__fish_seen_subcommand_from " + name +
                "; and test (count (commandline -opc)) = 2' -a " + shell_quoted(list(command.words)) + "\n";
    }
    for (const Flag* flag : command.flags) {
      script += scope + " -l " + std::string(flag->name);
      if (flag->letter != 0) script += std::string(" -s ") + flag->letter;
      if (!flag->completes.empty()) {
        script += " -r -a '(" + names_command(flag->completes) + ")'";
      } else if (flag->kind != Kind::toggle) {
        script += flag->choices.empty() ? " -r" : " -x -a " + shell_quoted(list(flag->choices));
      }
      script += " -d " + shell_quoted(flag->help) + "\n";
    }
  }
  return script;
}

// Nothing where there is no home folder: a completion must not print errors.
std::optional<platform::Home> home() {
  try {
    return platform::find_home();
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string model_names() {
  const auto found = home();
  if (!found) return {};
  std::string names;
  for (const models::StoreEntry& entry : models::ModelStore(found->models).list()) names += entry.card.id + "\n";
  return names;
}

std::string preset_names() {
  const auto found = home();
  std::string names;
  for (const config::Preset& preset :
       config::all_presets(found ? config::preset_folder(found->settings) : std::filesystem::path()))
    names += preset.name + "\n";
  return names;
}

}  // namespace

int run_completion(const Invocation& invocation) {
  static const std::vector<std::pair<std::string_view, std::string (*)()>> kTexts = {
      {"bash", bash}, {"zsh", zsh}, {"fish", fish}, {"models", model_names}, {"presets", preset_names}};
  const std::string wanted = invocation.arguments.empty() ? "" : invocation.arguments.front();
  const auto found = std::find_if(kTexts.begin(), kTexts.end(), [&](const auto& text) { return text.first == wanted; });
  if (found == kTexts.end())
    throw Error(ErrorCode::usage, "completion: which shell?", "pixmill completion bash, zsh or fish");
  std::fputs(found->second().c_str(), stdout);
  return kAllGood;
}

}  // namespace pixmill::cli
