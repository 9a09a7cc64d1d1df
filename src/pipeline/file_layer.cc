#include "pipeline/file_layer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <system_error>

#include "pipeline/file_calls.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/platform/descriptor.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

bool are_same_file(const fs::path& one, const fs::path& other) {
  struct stat first {
  }, second{};
  return ::lstat(one.c_str(), &first) == 0 && ::lstat(other.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

}  // namespace

void rename_by_link(const fs::path& from, const fs::path& to) {
  if (::link(from.c_str(), to.c_str()) == 0) {
    if (::unlink(from.c_str()) == 0 || errno == ENOENT) return;
    const int number = errno;
    if (are_same_file(from, to)) ::unlink(to.c_str());
    fail_with(number);
  }
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK) fail_with(errno);
  struct stat status {};
  if (::lstat(to.c_str(), &status) == 0) fail_with(EEXIST);
  if (errno != ENOENT || ::rename(from.c_str(), to.c_str()) != 0) fail_with(errno);
}

FileLayer& FileLayer::of_the_system() {
  static FileLayer system;
  return system;
}

std::vector<fs::path> FileLayer::make_folders(const fs::path& folder) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path at = folder; !at.empty() && !fs::exists(at, error); at = at.parent_path()) missing.push_back(at);
  std::vector<fs::path> changed;
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    if (::mkdir(at->c_str(), 0777) == 0) {
      changed.push_back(at->parent_path());
    } else if (errno != EEXIST) {
      fail_with(errno);
    }
  }
  return changed;
}

FileStamp FileLayer::create(const fs::path& file, std::span<const std::byte> bytes) {
  platform::Descriptor made(::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
  if (made.get() < 0) fail_with(errno);
  try {
    write_bytes(made.get(), bytes);
    struct stat status {};
    if (::fstat(made.get(), &status) != 0 || !made.close()) fail_with(errno);
    return stamp_from(status);
  } catch (...) {
    remove(file);
    throw;
  }
}

void FileLayer::sync_file(const fs::path& file) {
  const platform::Descriptor open(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (open.get() < 0 || ::fdatasync(open.get()) != 0) fail_with(errno);
}

void FileLayer::sync_folder(const fs::path& folder) {
  const platform::Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (open.get() < 0) {
    if (errno == EACCES) return;  // may be written and not listed: nothing more can be done
    fail_with(errno);
  }
  if (::fsync(open.get()) != 0 && errno != EINVAL && errno != ENOTSUP)
    fail_with(errno);  // those know no folders to sync
}

void FileLayer::rename(const fs::path& from, const fs::path& to, bool replace) {
  const int code = replace ? ::rename(from.c_str(), to.c_str())
                           : ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
  if (code == 0) return;
  if (replace || (errno != EINVAL && errno != ENOSYS)) fail_with(errno);
  rename_by_link(from, to);
}

void FileLayer::remove(const fs::path& file) noexcept {
  ::unlink(file.c_str());
}

void FileLayer::link(const fs::path& from, const fs::path& to) {
  if (::link(from.c_str(), to.c_str()) != 0) fail_with(errno);
}

void FileLayer::symlink(const fs::path& text, const fs::path& to) {
  if (::symlink(text.c_str(), to.c_str()) != 0) fail_with(errno);
}

void FileLayer::unlink(const fs::path& file) {
  if (::unlink(file.c_str()) != 0) fail_with(errno);
}

bool FileLayer::remove_folder(const fs::path& folder) {
  return ::rmdir(folder.c_str()) == 0;
}

std::optional<FileLayer::Entry> FileLayer::entry(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return std::nullopt;
    fail_with(errno);
  }
  Entry entry{Entry::Kind::other, stamp_from(status), status.st_dev};
  if (S_ISREG(status.st_mode)) entry.kind = Entry::Kind::file;
  if (S_ISLNK(status.st_mode)) entry.kind = Entry::Kind::link;
  if (S_ISDIR(status.st_mode)) entry.kind = Entry::Kind::folder;
  return entry;
}

std::optional<FileStamp> FileLayer::stamp(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return stamp_from(status);
}

std::vector<std::byte> FileLayer::read(const fs::path& file) {
  return codecs::read_file(file);
}

FileStamp settled(const FileStamp& stamp) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  FileStamp known = stamp;
  if (std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() - stamp.mtime_ns < kCoarsestTick)
    known.mtime_ns = 0;
  return known;
}

}  // namespace pixmill::pipeline
