// Removes private names and paths from a text, so that it can go into a public bug report.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pixmill::measure {

class Redactor {
 public:
  // Replaces this user's name, home and machine, the folder it runs in, and what add() names.
  Redactor();

  // For tests: nothing is private but what add() and add_name() say.
  struct Nothing {};
  explicit Redactor(Nothing) {}

  // From now on the folder, and what lies below it, is replaced by `instead`: "<home>". Deeper folders win.
  void add(const std::filesystem::path& folder, const std::string& instead);

  // The same for a whole word. Names shorter than three letters, and root, are not secret.
  void add_name(const std::string& name, std::string instead);

  // Folders that all machines have (/usr, /proc, ...) stay; of any other absolute path the last part does.
  std::string operator()(std::string_view text) const;

 private:
  using Replacement = std::pair<std::string, std::string>;
  std::vector<Replacement> folders_, names_;  // longest first
};

}  // namespace pixmill::measure
