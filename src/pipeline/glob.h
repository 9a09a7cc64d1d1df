// Finding what matches a pattern on the disk.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <system_error>

#include "pixmill/core/glob.h"

namespace pixmill::pipeline {

struct GlobVisitor {
  // Every file and folder that matches, in no order, perhaps twice. `root`: the folders before the first part with a
  // special character; "." where there are none.
  std::function<void(const std::filesystem::path& path, const std::filesystem::path& root)> found;
  std::function<void(const std::filesystem::path& folder, const std::error_code& reason)> failed;  // cannot be read
  std::function<void()> stop;  // called for every entry; may throw to end it
  bool follow_links = false;   // below "**"; parts that name or match a link always go through it
};

// Finds what matches on the disk: the rules of glob_match(), part by part. Names that begin with a dot match only a
// part that does; "~/" at the start is the home folder.
void expand_glob(const std::string& pattern, const GlobVisitor& visitor);

}  // namespace pixmill::pipeline
