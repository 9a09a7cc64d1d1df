// `pixmill models batchable` and `pixmill models rebatch`.
#pragma once

#include "cli/parse.h"

namespace pixmill::cli {

// Both take the arguments behind the word; they return the exit code.
int models_batchable(const Values& values, const std::vector<std::string>& models);
int models_rebatch(const Values& values, const std::string& model);

}  // namespace pixmill::cli
