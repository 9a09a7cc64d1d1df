// Parses the command line: checked values from flags, environment, presets and settings file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/names.h"

namespace pixmill::cli {

struct Invocation {
  Values values;
  std::vector<std::string> arguments;  // what is not a flag
};

// `words`: what follows the command. Throws Error{usage}: an unknown flag with the nearest known one, a value that does
// not fit, a settings file with unknown keys.
Invocation parse(const Command& command, const std::vector<std::string>& words,
                 const std::filesystem::path& settings_file);

// The command line that says the same, for a shell; without the flags in `without`.
std::string command_line(const Invocation& invocation, const std::vector<std::string_view>& without = {});

// Throws Error{usage} about a word that is no flag of the command, with the nearest one.
[[noreturn]] void throw_unknown_flag(const Command& command, const std::string& word);

// The same about a sub-command that the command does not have.
[[noreturn]] void throw_unknown_word(const Command& command, const std::string& word);

}  // namespace pixmill::cli
