// The options of models that take prompts.
#pragma once

#include <string>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"
#include "tasks/segment/sam.h"

namespace pixmill::tasks {

const std::vector<config::Flag>& prompt_flags();

// `files`: gets the content of a file that is named. Throws Error: usage (prompts that are none, or exclude each
// other), and what reading the file throws.
SamOptions read_prompts(const config::Values& values, std::string& files);

// Throws Error{usage} where prompts are given: `model` takes none.
void refuse_prompts(const SamOptions& options, const std::string& model);

}  // namespace pixmill::tasks
