// File operations: whole files or none, and one writer at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "pixmill/core/error.h"
#include "pixmill/platform/descriptor.h"

namespace pixmill::platform {

// The error for a failed system call: not_found, disk_full, unreadable (reading) or unwritable (writing).
Error read_error(int number, const std::filesystem::path& path);
Error write_error(int number, const std::filesystem::path& path);

Descriptor open_to_read(const std::filesystem::path& path);    // throws Error{not_found, unreadable}; refuses a folder
Descriptor open_to_append(const std::filesystem::path& path);  // created when absent
std::size_t read_some(const Descriptor& file, std::span<std::byte> buffer, const std::filesystem::path& path);
void write_all(const Descriptor& file, std::span<const std::byte> bytes, const std::filesystem::path& path);
void flush_to_disk(const Descriptor& file, const std::filesystem::path& path);

// The text of a small file; Error{too_large} above `limit` bytes.
std::string read_text(const std::filesystem::path& path, std::size_t limit);

// Written under a temporary name in the same folder, then renamed. Folders are made as needed. A new file is open to
// whom the umask allows; a replaced one keeps its permissions. A symbolic link is replaced by a file.
void write_whole(const std::filesystem::path& path, std::string_view text);
// The same without waiting for the disk: for what can be made again, and is checked when it is read.
void write_quickly(const std::filesystem::path& path, std::span<const std::byte> bytes);
void copy_whole(const std::filesystem::path& from, const std::filesystem::path& to);
// The same for a writer that wants a name: `fill` gets that of the unfinished file. What `fill` throws comes through.
void write_by_name(const std::filesystem::path& path, const std::function<void(const std::filesystem::path&)>& fill);

// The file that `path` means once its symbolic links are followed, whether it is there or not: to be written where the
// user put a link to it, so that the link stays. Throws Error{unwritable} where links go round in a circle.
std::filesystem::path target_of_links(const std::filesystem::path& path);

// Absolute, with links and dots resolved as far as the path exists: a file has one such name.
std::filesystem::path resolved(const std::filesystem::path& path);

// Whether `path` is the folder or lies below it, by their words alone: both absolute and without links, or both below
// the same folder.
bool lies_in(const std::filesystem::path& path, const std::filesystem::path& folder);

// With those above it; nothing for the empty path, the parent of a bare file name.
void make_folder(const std::filesystem::path& path);

// A new and empty folder among the temporary files, called after `name`; removed with all that is in it when this ends.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string_view name);  // throws Error{unwritable}
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Holds the exclusive lock that `path` stands for, among all threads and processes. Waits for it, calling
// `keep_waiting` now and then; Error{interrupted} when that returns false.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path, const std::function<bool()>& keep_waiting = {});

 private:
  Descriptor file_;
};

}  // namespace pixmill::platform
