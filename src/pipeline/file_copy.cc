// FileLayer::copy(): a file with all that belongs to it.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "pipeline/file_calls.h"
#include "pipeline/file_layer.h"
#include "pixmill/platform/descriptor.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using platform::Descriptor;

struct stat facts_of(const Descriptor& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_with(errno);
  return status;
}

// The kernel's own copy; false where it has none between these two, and nothing was written.
bool copied_by_kernel(const Descriptor& from, const Descriptor& to) {
  constexpr std::size_t kPiece = std::size_t{1} << 26;
  if (::ioctl(to.get(), FICLONE, from.get()) == 0) return true;
  for (bool first = true;; first = false) {
    const ssize_t count = ::copy_file_range(from.get(), nullptr, to.get(), nullptr, kPiece, 0);
    if (count == 0) return !first;  // some file systems answer so in place of an error
    if (count > 0 || errno == EINTR) continue;
    if (!first || errno == ENOSPC || errno == EDQUOT || errno == EIO) fail_with(errno);
    return false;
  }
}

void copy_bytes(const Descriptor& from, const Descriptor& to) {
  if (copied_by_kernel(from, to)) return;
  std::vector<std::byte> piece(std::size_t{1} << 20);
  while (true) {
    const ssize_t count = ::read(from.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_with(errno);
    if (count == 0) return;
    write_bytes(to.get(), std::span(piece).first(static_cast<std::size_t>(count)));
  }
}

// Those that programs keep for users (user.*: tags, comments). A file system without them takes none.
void copy_attributes(const Descriptor& from, const Descriptor& to) {
  const ssize_t size = ::flistxattr(from.get(), nullptr, 0);
  if (size <= 0) return;
  std::string names(static_cast<std::size_t>(size), '\0');
  const ssize_t listed = ::flistxattr(from.get(), names.data(), names.size());
  names.resize(static_cast<std::size_t>(std::max<ssize_t>(listed, 0)));
  for (std::size_t at = 0; at < names.size(); at += std::string_view(names.c_str() + at).size() + 1) {
    const char* name = names.c_str() + at;
    if (!std::string_view(name).starts_with("user.")) continue;
    const ssize_t length = ::fgetxattr(from.get(), name, nullptr, 0);
    if (length < 0) continue;
    std::vector<char> value(static_cast<std::size_t>(length));
    if (::fgetxattr(from.get(), name, value.data(), value.size()) == length)
      ::fsetxattr(to.get(), name, value.data(), value.size(), 0);
  }
}

bool same_state(const struct stat& one, const struct stat& other) {
  return one.st_size == other.st_size && one.st_mtim.tv_sec == other.st_mtim.tv_sec &&
         one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
}

}  // namespace

FileStamp FileLayer::copy(const fs::path& from, const fs::path& to, bool owner) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (source.get() < 0) fail_with(errno);
  const struct stat before = facts_of(source);
  Descriptor made(::open(to.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
  if (made.get() < 0) fail_with(errno);
  try {
    copy_bytes(source, made);
    copy_attributes(source, made);
    if (owner && ::fchown(made.get(), before.st_uid, before.st_gid) != 0 && errno != EPERM && errno != EINVAL)
      fail_with(errno);
    if (::fchmod(made.get(), before.st_mode & 0777U) != 0 && errno != EPERM) fail_with(errno);
    const struct timespec times[2] = {before.st_atim, before.st_mtim};
    if (::futimens(made.get(), times) != 0) fail_with(errno);
    const struct stat now = facts_of(made);
    if (!same_state(before, facts_of(source)) || now.st_size != before.st_size) fail_with(EBUSY);
    if (!made.close()) fail_with(errno);
    return stamp_from(now);
  } catch (...) {
    remove(to);
    throw;
  }
}

}  // namespace pixmill::pipeline
