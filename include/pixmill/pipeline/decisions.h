// What a user said of pairs of pictures: "these are different". Kept by their contents, so that it holds under other
// names and in later runs.
#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "pixmill/platform/home.h"

namespace pixmill::pipeline {

std::filesystem::path decision_file(const platform::Home& home);  // in the state folder

class Decisions {
 public:
  // Of all earlier runs; none where there is no file. Lines that cannot be read are left out. Throws Error{unreadable}.
  explicit Decisions(const platform::Home& home);

  bool empty() const { return different_.empty(); }
  // By hashes of contents, in any order.
  bool are_different(const std::string& a, const std::string& b) const;

  // Every two of `contents` are different from now on; or, where not `different`, no longer. Returns how many pairs
  // that changed. Throws Error{unwritable, disk_full}.
  std::size_t decide(std::span<const std::string> contents, bool different);

 private:
  std::filesystem::path file_;
  std::set<std::pair<std::string, std::string>> different_;  // the smaller one first
};

}  // namespace pixmill::pipeline
