#include "pixmill/platform/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <random>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace pixmill::platform {
namespace {

namespace fs = std::filesystem;

std::string reason(int number) {
  return std::generic_category().message(number);
}

enum class Wait { for_the_disk, for_nothing };

// "abcxyz", another one at every call.
std::string random_ending() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t kLength = 6;  // pipeline/cache_folder.cc knows unfinished files by it
  std::random_device random;
  std::string ending;
  while (ending.size() < kLength) ending += kLetters[random() % kLetters.size()];
  return ending;
}

// A new and empty file beside `path`, with the permissions that any program's new file gets: mkostemp() gives others.
std::pair<Descriptor, std::string> create_beside(const fs::path& path) {
  constexpr int kAttempts = 100;
  for (int i = 0; i < kAttempts; ++i) {
    std::string name = path.string() + "." + random_ending();
    Descriptor file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file.get() >= 0) return {std::move(file), std::move(name)};
    if (errno != EEXIST) break;
  }
  throw write_error(errno, path);
}

// What the user allowed or forbade others for the file that is replaced stays so.
void keep_permissions(const fs::path& old, const Descriptor& file) {
  struct stat status {};
  if (::stat(old.c_str(), &status) == 0 && S_ISREG(status.st_mode)) ::fchmod(file.get(), status.st_mode & 0777U);
}

// Fills a new file beside `path` by `fill`, then gives it the name `path`.
template <typename Fill>
void replace_whole(const fs::path& path, Fill fill, Wait wait = Wait::for_the_disk) {
  make_folder(path.parent_path());
  const auto [file, temporary] = create_beside(path);
  try {
    keep_permissions(path, file);
    fill(file, temporary);
    if (wait == Wait::for_the_disk) flush_to_disk(file, path);
    if (std::rename(temporary.c_str(), path.c_str()) != 0) throw write_error(errno, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

}  // namespace

Error read_error(int number, const fs::path& path) {
  const bool absent = number == ENOENT || number == ENOTDIR;
  return {absent ? ErrorCode::not_found : ErrorCode::unreadable, path.string() + ": " + reason(number)};
}

Error write_error(int number, const fs::path& path) {
  if (number == ENOSPC || number == EDQUOT) {
    return {ErrorCode::disk_full, path.string() + ": " + reason(number), "free some space there, then try again"};
  }
  return {ErrorCode::unwritable, path.string() + ": " + reason(number)};
}

Descriptor open_to_read(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a pipe is refused below, not waited for
  if (file.get() < 0) throw read_error(errno, path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw read_error(errno, path);
  if (!S_ISREG(status.st_mode)) throw Error(ErrorCode::unreadable, path.string() + " is not a file");
  return file;
}

Descriptor open_to_append(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (file.get() < 0) throw write_error(errno, path);
  return file;
}

std::size_t read_some(const Descriptor& file, std::span<std::byte> buffer, const fs::path& path) {
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) throw read_error(errno, path);
  }
}

void write_all(const Descriptor& file, std::span<const std::byte> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw write_error(errno, path);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void flush_to_disk(const Descriptor& file, const fs::path& path) {
  if (::fsync(file.get()) != 0) throw write_error(errno, path);
}

std::string read_text(const fs::path& path, std::size_t limit) {
  const Descriptor file = open_to_read(path);
  std::vector<std::byte> buffer(limit + 1);
  std::size_t filled = 0;
  while (const std::size_t count = read_some(file, std::span(buffer).subspan(filled), path)) filled += count;
  if (filled > limit) {
    throw Error(ErrorCode::too_large, path.string() + " is larger than " + std::to_string(limit) + " bytes");
  }
  return {reinterpret_cast<const char*>(buffer.data()), filled};
}

void write_whole(const fs::path& path, std::string_view text) {
  replace_whole(
      path, [&](const Descriptor& file, const fs::path&) { write_all(file, std::as_bytes(std::span(text)), path); });
}

fs::path target_of_links(const fs::path& path) {
  constexpr int kMostLinks = 40;  // as the kernel has it
  fs::path file = path;
  std::error_code none;
  for (int i = 0; i < kMostLinks; ++i) {
    if (!fs::is_symlink(fs::symlink_status(file, none))) return file;
    file = file.parent_path() / fs::read_symlink(file, none);  // an absolute target takes the place of the folder
  }
  throw write_error(ELOOP, path);
}

void write_quickly(const fs::path& path, std::span<const std::byte> bytes) {
  replace_whole(
      path, [&](const Descriptor& file, const fs::path&) { write_all(file, bytes, path); }, Wait::for_nothing);
}

void copy_whole(const fs::path& from, const fs::path& to) {
  const Descriptor source = open_to_read(from);
  replace_whole(to, [&](const Descriptor& file, const fs::path&) {
    std::vector<std::byte> piece(1 << 20);
    while (const std::size_t count = read_some(source, piece, from)) write_all(file, std::span(piece).first(count), to);
  });
}

void write_by_name(const fs::path& path, const std::function<void(const fs::path&)>& fill) {
  replace_whole(
      path, [&](const Descriptor&, const fs::path& unfinished) { fill(unfinished); }, Wait::for_nothing);
}

fs::path resolved(const fs::path& path) {
  std::error_code error;
  const fs::path found = fs::weakly_canonical(fs::absolute(path), error);
  return error ? fs::absolute(path).lexically_normal() : found;
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const fs::path way = path.lexically_relative(folder);
  return !way.empty() && *way.begin() != "..";
}

void make_folder(const fs::path& path) {
  if (path.empty()) return;  // what is named without a folder lies in the current one
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw write_error(error.value(), path);
}

TemporaryFolder::TemporaryFolder(std::string_view name) {
  constexpr const char* kHint = "TMPDIR names another place";
  std::error_code error;
  const fs::path named = fs::temp_directory_path(error);
  const fs::path place = error ? named : fs::absolute(named, error);
  if (error) throw Error(ErrorCode::unwritable, "no folder for temporary files: " + error.message(), kHint);
  std::string path = (place / (std::string(name) + "-XXXXXX")).string();
  if (::mkdtemp(path.data()) == nullptr) throw Error(ErrorCode::unwritable, path + ": " + reason(errno), kHint);
  path_ = path;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

FileLock::FileLock(const fs::path& path, const std::function<bool()>& keep_waiting) {
  make_folder(path.parent_path());
  file_ = open_to_append(path);
  while (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) throw write_error(errno, path);
    if (keep_waiting && !keep_waiting()) {
      throw Error(ErrorCode::interrupted, "stopped while another process held " + path.string());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace pixmill::platform
