// Patterns for paths: matching a name, and finding what matches on the disk.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>

namespace pixmill::pipeline {

// Shell glob on a path with '/': * and ? stay within a part, ** crosses parts, [a-z] and {a,b} as usual, \ takes the
// next character as it is. A pattern without '/' is matched against the last part.
bool glob_match(std::string_view pattern, std::string_view path);

// Whether the text holds a character that makes it a pattern: *, ? or [.
bool is_glob(std::string_view text);

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
