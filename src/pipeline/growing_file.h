// A file that is written bit by bit, under a temporary name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "pixmill/platform/descriptor.h"

namespace pixmill::pipeline {

// It belongs to somebody else after finish(); until then it goes with this.
class GrowingFile {
 public:
  // `meant`: its later name, for messages. Throws Error{disk_full, unwritable}, as the others do.
  GrowingFile(std::filesystem::path file, std::filesystem::path meant);
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  void write(std::string_view text);
  std::filesystem::path finish();

 private:
  void flush();

  const std::filesystem::path file_, meant_;
  platform::Descriptor handle_;
  std::string buffer_;
  bool finished_ = false;
};

}  // namespace pixmill::pipeline
