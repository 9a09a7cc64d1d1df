#include "pixmill/platform/cache_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <system_error>
#include <vector>

namespace pixmill::platform {
namespace fs = std::filesystem;
namespace {

struct Entry {
  fs::path path;
  std::int64_t bytes = 0;
  std::int64_t used = 0;         // seconds since 1970
  std::int64_t nanoseconds = 0;  // beyond that
};

// A file is used when it is written and when it is read; many systems note the second only once a day.
Entry entry_of(const fs::path& path, const struct stat& status) {
  const auto later = [](const timespec& a, const timespec& b) {
    return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
  };
  const timespec used = std::max(status.st_mtim, status.st_atim, later);
  return {path, static_cast<std::int64_t>(status.st_size), used.tv_sec, used.tv_nsec};
}

std::vector<Entry> entries_of(const fs::path& folder) {
  std::vector<Entry> entries;
  std::error_code error;
  if (fs::is_symlink(folder, error)) return entries;  // the target of a link may belong to another user
  fs::recursive_directory_iterator walk(folder, fs::directory_options::skip_permission_denied, error);
  while (!error && walk != fs::recursive_directory_iterator()) {
    struct stat status {};
    if (::lstat(walk->path().c_str(), &status) == 0 && S_ISREG(status.st_mode))
      entries.push_back(entry_of(walk->path(), status));
    walk.increment(error);
  }
  return entries;
}

// "NAME.XXXXXX", moments old: another thread or process is writing it, and gives it its name next.
bool in_the_making(const Entry& entry) {
  constexpr std::size_t kEnding = 7;
  constexpr std::int64_t kLongest = 60;  // seconds; what is older was left by a process that was killed
  return entry.path.extension().string().size() == kEnding && std::time(nullptr) - entry.used < kLongest;
}

void count(FolderUse& use, const Entry& entry) {
  use.oldest = use.files == 0 ? entry.used : std::min(use.oldest, entry.used);
  ++use.files;
  use.bytes += entry.bytes;
}

void erase(const Entry& entry, FolderUse& erased) {
  std::error_code error;
  if (fs::remove(entry.path, error)) count(erased, entry);
}

}  // namespace

FolderUse measure_folder(const fs::path& folder) {
  FolderUse use;
  for (const Entry& entry : entries_of(folder)) count(use, entry);
  return use;
}

FolderUse trim_folder(const fs::path& folder, std::int64_t limit) {
  std::vector<Entry> entries = entries_of(folder);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.used != b.used ? a.used < b.used : a.nanoseconds < b.nanoseconds;
  });
  FolderUse all;
  for (const Entry& entry : entries) count(all, entry);
  FolderUse erased;
  for (const Entry& entry : entries) {
    if (all.bytes - erased.bytes <= limit) break;
    if (!in_the_making(entry)) erase(entry, erased);
  }
  return erased;
}

FolderUse clear_folder(const fs::path& folder, std::int64_t before) {
  FolderUse erased;
  for (const Entry& entry : entries_of(folder)) {
    if (entry.used < before) erase(entry, erased);
  }
  return erased;
}

}  // namespace pixmill::platform
