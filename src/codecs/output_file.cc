#include "codecs/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"

namespace pixmill::codecs {

OutputFile::OutputFile(std::filesystem::path path, std::string name)
    : path_(std::move(path)),
      name_(name.empty() ? path_.string() : std::move(name)),
      file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (file_.get() < 0) fail(errno);
  struct stat status {};
  regular_ = ::fstat(file_.get(), &status) == 0 && S_ISREG(status.st_mode);
}

OutputFile::~OutputFile() {
  if (!kept_ && regular_) ::unlink(path_.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) noexcept {
  while (!bytes.empty() && failure_ == 0) {
    const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      failure_ = errno;
      return;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

std::ptrdiff_t OutputFile::read(std::span<std::byte> buffer) noexcept {
  for (;;) {
    const ssize_t count = ::read(file_.get(), buffer.data(), buffer.size());
    if (count >= 0) return count;
    if (errno == EINTR) continue;
    if (failure_ == 0) failure_ = errno;
    return -1;
  }
}

std::int64_t OutputFile::seek(std::int64_t offset, int whence) noexcept {
  const off_t position = ::lseek(file_.get(), offset, whence);
  if (position < 0 && failure_ == 0) failure_ = errno;
  return position;
}

void OutputFile::check() const {
  if (const int number = failure_; number != 0) fail(number);
}

void OutputFile::keep() {
  check();
  if (!file_.close()) fail(errno);
  kept_ = true;
}

void OutputFile::fail(int number) const {
  const Error error = platform::write_error(number, name_);
  throw Error(error.code(), error.message(),
              error.hint().empty() ? "check the output folder and its permissions" : error.hint());
}

}  // namespace pixmill::codecs
