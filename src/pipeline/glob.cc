#include "pipeline/glob.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kWild = "*?[";

// Where the first of `characters` stands that no backslash goes before.
std::size_t find_plain(std::string_view pattern, std::string_view characters) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (characters.find(pattern[i]) != std::string_view::npos) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::string without_backslashes(std::string_view pattern) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    text += pattern[i];
  }
  return text;
}

std::vector<std::string> split_at_slashes(const std::string& pattern) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from < pattern.size();) {
    const std::size_t to = std::min(pattern.find('/', from), pattern.size());
    if (to > from) parts.push_back(pattern.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

class Expansion {
 public:
  Expansion(const GlobVisitor& visitor, fs::path root) : visitor_(visitor), root_(std::move(root)) {}

  void run(const std::string& pattern) {
    parts_ = split_at_slashes(pattern);
    entered_.clear();
    if (!parts_.empty()) step(root_, 0);
  }

 private:
  // What part `i` and those after it match in `folder`.
  void step(const fs::path& folder, std::size_t i) {
    const std::string& part = parts_[i];
    if (part.find("**") != std::string::npos) {
      std::string rest = part;
      for (std::size_t next = i + 1; next < parts_.size(); ++next) rest += "/" + parts_[next];
      descend(folder, folder, rest);
    } else if (find_plain(part, kWild) == std::string_view::npos) {
      std::error_code ignored;
      const fs::path path = child(folder, without_backslashes(part));
      if (fs::exists(fs::symlink_status(path, ignored))) take(path, i);
    } else {
      for_each(folder, part.front() == '.', [&](const fs::directory_entry& entry) {
        const std::string name = entry.path().filename().string();
        if (glob_match(part, name)) take(child(folder, name), i);
      });
    }
  }

  void take(const fs::path& path, std::size_t i) {
    std::error_code ignored;
    if (i + 1 == parts_.size()) {
      visitor_.found(path, root_);
    } else if (fs::is_directory(path, ignored)) {
      step(path, i + 1);
    }
  }

  // Of "**": everything below `base` whose path from there matches `rest`.
  void descend(const fs::path& folder, const fs::path& base, const std::string& rest) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) == 0 && !entered_.insert({status.st_dev, status.st_ino}).second) return;
    for_each(folder, false, [&](const fs::directory_entry& entry) {
      std::error_code ignored;
      if (entry.is_symlink(ignored) && !visitor_.follow_links) return;
      const fs::path path = child(folder, entry.path().filename());
      if (glob_match(rest, path.lexically_relative(base).generic_string())) visitor_.found(path, root_);
      if (entry.is_directory(ignored)) descend(path, base, rest);
    });
  }

  template <typename Visit>
  void for_each(const fs::path& folder, bool hidden_too, Visit visit) {
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    for (const fs::directory_iterator end; !error && entries != end; entries.increment(error)) {
      visitor_.stop();
      const bool hidden = entries->path().filename().native().starts_with('.');
      if (!hidden || hidden_too) visit(*entries);
    }
    if (error && error != std::errc::not_a_directory && error != std::errc::no_such_file_or_directory)
      visitor_.failed(folder, error);
  }

  // Names in the current folder stay as they were typed, without "./".
  static fs::path child(const fs::path& folder, const fs::path& name) { return folder == "." ? name : folder / name; }

  const GlobVisitor& visitor_;
  const fs::path root_;
  std::vector<std::string> parts_;
  std::set<std::pair<dev_t, ino_t>> entered_;  // below "**": links may lead back up
};

}  // namespace

void expand_glob(const std::string& pattern, const GlobVisitor& visitor) {
  std::string whole = pattern;
  const char* home = std::getenv("HOME");
  if (whole.starts_with("~/") && home != nullptr) whole = home + whole.substr(1);
  const std::size_t wild = std::min(find_plain(whole, "*?[{"), whole.size());
  const std::size_t slash = whole.rfind('/', wild);
  const std::string fixed =
      slash == std::string::npos ? "." : without_backslashes(whole.substr(0, std::max<std::size_t>(1, slash)));
  Expansion expansion(visitor, fixed);
  for (const std::string& alternative : glob_alternatives(slash == std::string::npos ? whole : whole.substr(slash + 1)))
    expansion.run(alternative);
}

}  // namespace pixmill::pipeline
