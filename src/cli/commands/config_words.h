// The words of `pixmill config` that have a file of their own.
#pragma once

#include <string>
#include <vector>

#include "cli/parse.h"

namespace pixmill::cli {

// `words`: what follows "import" and "preset". Both return the exit code.
int import_settings(const Invocation& invocation, const std::vector<std::string>& words);
int run_preset_word(const Invocation& invocation, const std::vector<std::string>& words);

// The job that `words` begin with, which is then taken off; the default one where they begin with an option or are
// empty. Throws Error{usage}.
const Command& take_job(std::vector<std::string>& words);

// Throws Error{usage} where one of the words looks like an option: only some words of config hand options on.
void refuse_options(const Invocation& invocation, const std::vector<std::string>& words);

}  // namespace pixmill::cli
