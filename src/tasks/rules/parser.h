// From the text of a rule to its program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tasks/rules/program.h"

namespace pixmill::tasks::rules {

// Throws Error{usage}.
Program parse_program(std::string_view text, float confidence, const std::vector<std::string>& wanted);

}  // namespace pixmill::tasks::rules
