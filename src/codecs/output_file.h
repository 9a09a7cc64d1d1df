// A file that an encoder writes piece by piece.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "pixmill/platform/descriptor.h"

namespace pixmill::codecs {

// What goes wrong is kept until check(): an encoder never sees it, and writes on into nothing. write(), read() and
// seek() from one thread at a time; check() from any.
class OutputFile {
 public:
  // Creates or empties the file. `name` stands in error messages. Throws Error{unwritable, disk_full}.
  OutputFile(std::filesystem::path path, std::string name);
  ~OutputFile();  // removes the file unless it was kept
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::string& name() const { return name_; }

  void write(std::span<const std::byte> bytes) noexcept;
  std::ptrdiff_t read(std::span<std::byte> buffer) noexcept;    // bytes read; -1: failed
  std::int64_t seek(std::int64_t offset, int whence) noexcept;  // the new position; -1: failed

  void check() const;  // throws the first failure: Error{disk_full, unwritable}
  void keep();         // closes the file, which stays; throws as check()

 private:
  [[noreturn]] void fail(int number) const;

  std::filesystem::path path_;
  std::string name_;
  platform::Descriptor file_;
  bool regular_ = false;  // a device is never removed
  bool kept_ = false;
  std::atomic<int> failure_ = 0;  // errno of the first failure
};

}  // namespace pixmill::codecs
