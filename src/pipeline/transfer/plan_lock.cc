#include <fcntl.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "pipeline/transfer/journal.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace {

std::filesystem::path lock_file(const platform::Home& home) {
  return home.state / "plans.lock";
}

// One byte of one file for each plan: nothing is left to be removed. The kernel gives the lock back with the last
// descriptor of its opening.
struct flock byte_of(std::int64_t plan) {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = plan;
  range.l_len = 1;
  return range;
}

}  // namespace

std::optional<PlanLock> PlanLock::take(const platform::Home& home, std::int64_t plan) {
  const std::filesystem::path file = lock_file(home);
  platform::make_folder(home.state);
  platform::Descriptor opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (opened.get() < 0) throw platform::write_error(errno, file);
  struct flock range = byte_of(plan);
  if (::fcntl(opened.get(), F_OFD_SETLK, &range) == 0) return PlanLock(std::move(opened));
  if (errno == EAGAIN || errno == EACCES) return std::nullopt;
  throw platform::write_error(errno, file);
}

bool PlanLock::is_held(const platform::Home& home, std::int64_t plan) {
  const platform::Descriptor opened(::open(lock_file(home).c_str(), O_RDONLY | O_CLOEXEC));
  struct flock range = byte_of(plan);
  return opened.get() >= 0 && ::fcntl(opened.get(), F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

}  // namespace pixmill::pipeline
