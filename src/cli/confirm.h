// Asking before something large or final is done.
#pragma once

#include <string>

#include "cli/names.h"

namespace pixmill::cli {

// Asks on a terminal; a script says --yes. Throws Error: usage (the answer is no, or there is no terminal),
// interrupted (Ctrl-C in place of an answer).
void confirm(const Values& values, const std::string& question);

}  // namespace pixmill::cli
