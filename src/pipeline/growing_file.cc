#include "pipeline/growing_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>

#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBuffer = 1 << 16;  // bytes

}  // namespace

GrowingFile::GrowingFile(fs::path file, fs::path meant)
    : file_(std::move(file)),
      meant_(std::move(meant)),
      handle_(::open(file_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666)) {
  if (handle_.get() < 0) throw platform::write_error(errno, meant_);
}

GrowingFile::~GrowingFile() {
  if (!finished_) ::unlink(file_.c_str());
}

void GrowingFile::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBuffer) flush();
}

fs::path GrowingFile::finish() {
  flush();
  if (!handle_.close()) throw platform::write_error(errno, meant_);
  finished_ = true;
  return file_;
}

void GrowingFile::flush() {
  platform::write_all(handle_, std::as_bytes(std::span(buffer_)), meant_);
  buffer_.clear();
}

}  // namespace pixmill::pipeline
