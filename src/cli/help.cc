// Help and the manual page, from the flag table.
#include <algorithm>
#include <cstdio>

#include "cli/commands/commands.h"

namespace pixmill::cli {
namespace {

std::string left_column(const Flag& flag) {
  std::string text = flag.letter != 0 ? std::string("-") + flag.letter + ", " : "    ";
  text += "--" + std::string(flag.name);
  if (!flag.value.empty()) text += " " + std::string(flag.value);
  return text;
}

// The values that a flag takes and its default, as the end of its help.
std::string facts(const Flag& flag) {
  std::string text;
  for (const std::string_view choice : flag.choices) text += (text.empty() ? "" : ", ") + std::string(choice);
  if (!flag.fallback.empty() && flag.fallback != "none")
    text += (text.empty() ? "default " : "; default ") + std::string(flag.fallback);
  if (!flag.also.empty()) text += (text.empty() ? "also --" : "; also --") + std::string(flag.also);
  return text.empty() ? "" : " [" + text + "]";
}

std::vector<std::string_view> groups_of(const Command& command) {
  std::vector<std::string_view> groups;
  for (const Flag* flag : command.flags) {
    if (std::find(groups.begin(), groups.end(), flag->group) == groups.end()) groups.push_back(flag->group);
  }
  return groups;
}

constexpr std::size_t kHelpColumn = 26;
constexpr std::size_t kWidth = 100;

// One row of help: the flag, then words wrapped beside it.
std::string row(const std::string& left, const std::string& right) {
  std::string text = "  " + left;
  text.resize(std::max(text.size() + 1, kHelpColumn), ' ');
  std::size_t column = text.size();
  for (std::size_t at = 0; at < right.size();) {
    const std::size_t end = std::min(right.find(' ', at), right.size());
    if (column + (end - at) > kWidth) {
      text.back() = '\n';
      text += std::string(kHelpColumn, ' ');
      column = kHelpColumn;
    }
    text += right.substr(at, end - at) + " ";
    column += end - at + 1;
    at = end + 1;
  }
  text.back() = '\n';
  return text;
}

std::string roff(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\')
      safe += "\\e";
    else if (c == '-')
      safe += "\\-";
    else
      safe += c;
  }
  return safe;
}

}  // namespace

std::string help_text(const Command& command, bool everything) {
  std::string text = "pixmill " + std::string(command.name) + " " + std::string(command.arguments) + "\n" +
                     std::string(command.summary) + "\n";
  for (const std::string_view group : groups_of(command)) {
    std::string rows;
    for (const Flag* flag : command.flags) {
      if (flag->group != group || !(everything || flag->basic)) continue;
      rows += row(left_column(*flag), std::string(flag->help) + facts(*flag));
    }
    if (!rows.empty()) text += (everything ? "\n" : "") + std::string(group) + ":\n" + rows;
  }
  const bool more =
      std::any_of(command.flags.begin(), command.flags.end(), [](const Flag* flag) { return !flag->basic; });
  text += std::string(everything ? "\n" : "") + "Example: " + std::string(command.example);
  if (more && !everything) text += "      (--help shows every option)";
  return text + "\n";
}

std::string overview_text() {
  std::string text = "pixmill: vision models over folders of photographs, as fast as the machine allows\n\n";
  for (const Command& command : commands()) {
    std::string row = "  " + std::string(command.name);
    row.resize(14, ' ');
    text += row + std::string(command.summary) + "\n";
  }
  return text +
         "\nTry: pixmill cutout photos/ -o cut/\nHelp: pixmill COMMAND -h, --help has every option; version: pixmill "
         "--version\n";
}

int run_man(const Invocation&) {
  std::string page = ".TH PIXMILL 1\n.SH NAME\npixmill \\- vision models over folders of photographs\n.SH SYNOPSIS\n";
  for (const Command& command : commands())
    page += ".B pixmill " + roff(command.name) + "\n" + roff(command.arguments) + "\n.br\n";
  for (const Command& command : commands()) {
    page += ".SH " + roff(command.name) + "\n" + roff(command.summary) + ".\n";
    for (const Flag* flag : command.flags) {
      page += ".TP\n.B " + roff(left_column(*flag)) + "\n" + roff(flag->help) + roff(facts(*flag)) + "\n";
    }
    page += ".PP\nExample: " + roff(command.example) + "\n";
  }
  page +=
      ".SH ENVIRONMENT\nPIXMILL_HOME is one folder for settings, models and catalogue; without it they are below HOME "
      "or the XDG folders. PIXMILL_ and the name of an "
      "option, "
      "such as PIXMILL_DEVICE, gives its value; the command line goes before it, the settings file after it. "
      "ONNXRUNTIME_LIB names the libonnxruntime to load.\n"
      ".SH EXIT STATUS\n0 all good; 1 some pictures failed; 2 wrong usage, or nothing could run; 3 no picture found; "
      "130 interrupted.\n";
  std::fputs(page.c_str(), stdout);
  return kAllGood;
}

}  // namespace pixmill::cli
