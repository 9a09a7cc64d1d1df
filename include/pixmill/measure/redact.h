// Takes out of a text what tells who and where somebody is, so that it can stand in a public bug report.
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

  // From now on the folder, and what lies below it, is told as `instead`: "<home>". Deeper folders win.
  void add(const std::filesystem::path& folder, const std::string& instead);

  // The same for a word that stands by itself. Names shorter than three letters, and root, are no secret.
  void add_name(const std::string& name, std::string instead);

  // Folders that all machines have (/usr, /proc, ...) stay; of any other absolute path the last part does.
  std::string operator()(std::string_view text) const;

 private:
  using Replacement = std::pair<std::string, std::string>;
  std::vector<Replacement> folders_, names_;  // longest first
};

}  // namespace pixmill::measure
