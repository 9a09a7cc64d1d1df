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
#include <utility>

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

Writer::Writer(const fs::path& home, FileLayer& files) : files_(files), locks_(home / "runs"), run_(random_run()) {
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

fs::path Writer::name_beside(const fs::path& output) {
  const fs::path folder = output.parent_path();
  enter(folder);
  return folder / (std::string(kPrefix) + run_ + "-" + std::to_string(next_++) + std::string(kSuffix));
}

Writer::Staged Writer::stage(const fs::path& output, std::span<const std::byte> bytes) {
  const fs::path file = name_beside(output);
  for (bool again = false;; again = true) {
    try {
      return {file, files_.create(file, bytes)};
    } catch (const std::system_error& error) {
      if (again || error.code().value() != ENOENT) throw_write_error(output, error.code().value());
    }
    const std::scoped_lock lock(mutex_);
    make_folder(output.parent_path());  // it vanished since it was entered
  }
}

void Writer::commit(const fs::path& staged, const fs::path& output, bool replace) {
  try {
    files_.rename(staged, output, replace);
  } catch (const std::system_error& error) {
    discard(staged);
    if (error.code().value() != EEXIST) throw_write_error(output, error.code().value());
    throw Error(ErrorCode::collision, output.string() + " appeared while it was being made", "--overwrite replaces it");
  }
}

void Writer::discard(const fs::path& staged) noexcept {
  files_.remove(staged);
}

std::vector<fs::path> Writer::take_changed_folders() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(changed_, {});
}

// Trouble is met, and named, when a file is made there.
void Writer::make_folder(const fs::path& folder) {
  try {
    for (fs::path& changed : files_.make_folders(folder)) changed_.push_back(std::move(changed));
  } catch (const std::system_error&) {
    return;
  }
}

void Writer::enter(const fs::path& folder) {
  {
    const std::scoped_lock lock(mutex_);
    if (!entered_.insert(folder).second) return;
    make_folder(folder);
  }
  sweep(folder);
}

void Writer::sweep(const fs::path& folder) {
  const std::scoped_lock lock(mutex_);
  if (!swept_.insert(folder).second) return;
  std::error_code error;
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
