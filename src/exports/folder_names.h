// Names of classes as names of folders.
#pragma once

#include <string>
#include <vector>

namespace pixmill::exports {

// One for each class: the class's own name where every file system takes it, else without what they do not. No two are
// the same, whatever the case of their letters: where they would be, the later one ends with "_" and its number.
std::vector<std::string> folder_names(const std::vector<std::string>& classes);

}  // namespace pixmill::exports
