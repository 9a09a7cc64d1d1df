// The program: arguments in, exit code out.
#pragma once

#include <string>
#include <vector>

namespace pixmill::cli {

int run(const std::vector<std::string>& words);

}  // namespace pixmill::cli
