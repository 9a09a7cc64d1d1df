// Asking before something large or final is done.
#pragma once

#include <string>

#include "cli/names.h"

namespace pixmill::cli {

// Asks on a terminal; a script says --yes. Throws Error: interrupted (the answer is no), usage (nobody to ask).
void confirm(const Values& values, const std::string& question);

}  // namespace pixmill::cli
