#include "pixmill/platform/python.h"

#include <utility>

namespace pixmill::platform {

std::vector<std::string> python_command(const std::filesystem::path& python, const std::vector<std::string>& words) {
  std::vector<std::string> command = {python.has_parent_path() ? std::filesystem::absolute(python) : python, "-I"};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

ChildResult run_python(const std::filesystem::path& python, const std::vector<std::string>& words,
                       const std::filesystem::path& folder, ChildOptions options) {
  options.folder = folder;
  return run_child(python_command(python, words), options);
}

}  // namespace pixmill::platform
