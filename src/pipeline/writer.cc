#include "pipeline/writer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <random>
#include <string_view>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/platform/descriptor.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = ".pixmill-";  // hidden: no folder walk takes it for a picture
constexpr std::string_view kSuffix = ".tmp";
constexpr std::size_t kRunDigits = 16;
constexpr auto kLockLife = std::chrono::hours(24 * 30);  // how long a killed run's temporary files are recognised

[[noreturn]] void throw_write_error(const fs::path& file, int reason) {
  const std::string what = file.string() + ": " + std::generic_category().message(reason);
  if (reason == ENOSPC || reason == EDQUOT) {
    throw Error(ErrorCode::disk_full, what,
                "free some space and run the same command again: it resumes where it stopped");
  }
  throw Error(ErrorCode::unwritable, what, "check the output folder and its permissions");
}

std::string random_run() {
  std::random_device device;
  char text[kRunDigits + 1];
  std::snprintf(text, sizeof text, "%08x%08x", device(), device());
  return text;
}

}  // namespace

Writer::Writer(const fs::path& home) : locks_(home / "runs"), run_(random_run()) {
  std::error_code error;
  fs::create_directories(locks_, error);
  for (const fs::directory_entry& entry : fs::directory_iterator(locks_, error)) {
    std::error_code ignored;
    if (fs::file_time_type::clock::now() - entry.last_write_time(ignored) > kLockLife)
      fs::remove(entry.path(), ignored);
  }
  lock_ = ::open((locks_ / run_).c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  if (lock_ >= 0) ::flock(lock_, LOCK_EX | LOCK_NB);
}

Writer::~Writer() {
  if (lock_ < 0) return;
  ::unlink((locks_ / run_).c_str());
  ::close(lock_);
}

// A new file beside `output`, open for writing.
std::pair<fs::path, int> Writer::create(const fs::path& output) {
  const fs::path folder = output.parent_path();
  enter(folder);
  fs::path staged = folder / (std::string(kPrefix) + run_ + "-" + std::to_string(next_++) + std::string(kSuffix));
  constexpr int kFlags = O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC;
  int handle = ::open(staged.c_str(), kFlags, 0666);
  if (handle < 0 && errno == ENOENT) {  // the folder vanished since it was entered
    std::error_code error;
    fs::create_directories(folder, error);
    handle = ::open(staged.c_str(), kFlags, 0666);
  }
  if (handle < 0) throw_write_error(output, errno);
  return {std::move(staged), handle};
}

fs::path Writer::reserve(const fs::path& output) {
  auto [staged, handle] = create(output);
  ::close(handle);
  return staged;
}

fs::path Writer::stage(const fs::path& output, std::span<const std::byte> bytes) {
  auto [staged, handle] = create(output);
  platform::Descriptor file(handle);
  for (std::size_t written = 0; written < bytes.size();) {
    const ssize_t count = ::write(file.get(), bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int reason = errno;
      discard(staged);
      throw_write_error(output, reason);
    }
    written += static_cast<std::size_t>(count);
  }
  if (!file.close()) {
    const int reason = errno;
    discard(staged);
    throw_write_error(output, reason);
  }
  return staged;
}

void Writer::commit(const fs::path& staged, const fs::path& output, bool replace) {
  int code = replace ? ::rename(staged.c_str(), output.c_str())
                     : ::renameat2(AT_FDCWD, staged.c_str(), AT_FDCWD, output.c_str(), RENAME_NOREPLACE);
  if (code != 0 && !replace && (errno == EINVAL || errno == ENOSYS)) {  // a file system without that flag
    if (::access(output.c_str(), F_OK) == 0) {
      errno = EEXIST;
    } else {
      code = ::rename(staged.c_str(), output.c_str());
    }
  }
  if (code == 0) return;
  const int reason = errno;
  discard(staged);
  if (reason == EEXIST) {
    throw Error(ErrorCode::collision, output.string() + " appeared while it was being made", "--overwrite replaces it");
  }
  throw_write_error(output, reason);
}

void Writer::discard(const fs::path& staged) noexcept {
  ::unlink(staged.c_str());
}

void Writer::enter(const fs::path& folder) {
  const std::scoped_lock lock(mutex_);
  if (!entered_.insert(folder).second) return;
  std::error_code error;
  fs::create_directories(folder, error);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (is_abandoned(entry.path().filename().native())) discard(entry.path());
  }
}

// True where the run that wrote it is known on this machine and holds its lock no more.
bool Writer::is_abandoned(const std::string& file_name) const {
  if (!file_name.starts_with(kPrefix) || !file_name.ends_with(kSuffix)) return false;
  const std::string run = file_name.substr(kPrefix.size(), kRunDigits);
  const bool hex = run.size() == kRunDigits && run.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex || run == run_) return false;
  const platform::Descriptor other(::open((locks_ / run).c_str(), O_RDWR | O_CLOEXEC));
  return other.get() >= 0 && ::flock(other.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace pixmill::pipeline
