// pixmill completion: scripts for bash, zsh and fish, from the flag table.
#include <cstdio>

#include "cli/verbs.h"

namespace pixmill::cli {
namespace {

std::string shell_quoted(std::string_view text) {
  std::string safe = "'";
  for (const char c : text) safe += c == '\'' ? "'\\''" : std::string(1, c);
  return safe + "'";
}

std::string bash() {
  std::string script =
      "_pixmill() {\n  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} "
      "words=''\n";
  script += "  if [ \"$COMP_CWORD\" = 1 ]; then words='";
  for (const Verb& verb : verbs()) script += std::string(verb.name) + " ";
  script += "--help --version'; else\n  case \"$verb $before\" in\n";
  for (const Verb& verb : verbs()) {
    for (const Flag* flag : verb.flags) {
      if (flag->choices.empty()) continue;
      script += "    '" + std::string(verb.name) + " --" + std::string(flag->name) + "') COMPREPLY=($(compgen -W '";
      for (const std::string_view choice : flag->choices) script += std::string(choice) + " ";
      script += "' -- \"$word\")); return;;\n";
    }
  }
  script += "  esac\n  case \"$verb\" in\n";
  for (const Verb& verb : verbs()) {
    script += "    " + std::string(verb.name) + ") words='";
    for (const std::string_view word : verb.words) script += std::string(word) + " ";
    for (const Flag* flag : verb.flags) script += "--" + std::string(flag->name) + " ";
    script += "--help';;\n";
  }
  script +=
      "  esac\n  fi\n  case \"$word\" in -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\"));;\n"
      "  *) COMPREPLY=($(compgen -W \"$(printf '%s\\n' $words | grep -v '^-')\" -- \"$word\") $(compgen -f -- "
      "\"$word\"));; esac\n}\n"
      "complete -o filenames -F _pixmill pixmill\n";
  return script;
}

std::string zsh() {
  std::string script = "#compdef pixmill\n_pixmill() {\n  local -a verbs\n  verbs=(";
  for (const Verb& verb : verbs())
    script += shell_quoted(std::string(verb.name) + ":" + std::string(verb.summary)) + " ";
  script += ")\n  if (( CURRENT == 2 )); then _describe verb verbs; return; fi\n  case $words[2] in\n";
  for (const Verb& verb : verbs()) {
    script += "    " + std::string(verb.name) + ") _arguments ";
    for (const Flag* flag : verb.flags) {
      std::string spec = "--" + std::string(flag->name) + "[" + std::string(flag->help) + "]";
      for (char& c : spec) {
        if (c == ':') c = ' ';
      }
      if (!flag->choices.empty()) {
        spec += ":value:(";
        for (const std::string_view choice : flag->choices) spec += std::string(choice) + " ";
        spec += ")";
      } else if (flag->kind != Kind::toggle) {
        spec += flag->kind == Kind::path ? ":file:_files" : ":value:";
      }
      script += shell_quoted(spec) + " ";
    }
    script += "'*:file:_files'";
    for (const std::string_view word : verb.words) script += " '1:word:(" + std::string(word) + ")'";
    script += ";;\n";
  }
  return script + "  esac\n}\n_pixmill \"$@\"\n";
}

std::string fish() {
  std::string script;
  for (const Verb& verb : verbs()) {
    const std::string name(verb.name);
    script += "complete -c pixmill -n __fish_use_subcommand -a " + name + " -d " + shell_quoted(verb.summary) + "\n";
    const std::string scope = "complete -c pixmill -n '__fish_seen_subcommand_from " + name + "'";
    for (const std::string_view word : verb.words) script += scope + " -a " + std::string(word) + "\n";
    for (const Flag* flag : verb.flags) {
      script += scope + " -l " + std::string(flag->name);
      if (flag->letter != 0) script += std::string(" -s ") + flag->letter;
      if (flag->kind != Kind::toggle) script += flag->choices.empty() ? " -r" : " -x -a '";
      for (const std::string_view choice : flag->choices) script += std::string(choice) + " ";
      if (!flag->choices.empty()) script += "'";
      script += " -d " + shell_quoted(flag->help) + "\n";
    }
  }
  return script;
}

}  // namespace

int run_completion(const Invocation& invocation) {
  const std::string shell = invocation.arguments.empty() ? "" : invocation.arguments.front();
  if (shell != "bash" && shell != "zsh" && shell != "fish") {
    throw Error(ErrorCode::usage, "completion: which shell?", "pixmill completion bash, zsh or fish");
  }
  std::fputs((shell == "bash" ? bash() : shell == "zsh" ? zsh() : fish()).c_str(), stdout);
  return kAllGood;
}

}  // namespace pixmill::cli
