// How Python programs are started.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pixmill/platform/child.h"

namespace pixmill::platform {

// The words to start `python` (a path, or a name that PATH knows) with. Isolated (-I): nothing is imported from the
// current folder, from PYTHONPATH or from the user's own packages, so that a pip.py among photographs never runs. A
// relative path is made absolute, for the program starts in another folder.
std::vector<std::string> python_command(const std::filesystem::path& python, const std::vector<std::string>& words);

// Runs it in `folder`, one of ours: never in the user's current one. Throws what run_child() throws.
ChildResult run_python(const std::filesystem::path& python, const std::vector<std::string>& words,
                       const std::filesystem::path& folder, ChildOptions options);

}  // namespace pixmill::platform
