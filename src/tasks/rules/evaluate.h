// What a rule says of a picture.
#pragma once

#include <vector>

#include "tasks/rules/program.h"

namespace pixmill::tasks::rules {

bool holds(const Program& program, const RulePicture& picture);

// See Rule::reasons().
std::vector<bool> counted(const Program& program, const RulePicture& picture);

}  // namespace pixmill::tasks::rules
