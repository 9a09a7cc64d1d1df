// A zip file that is written entry by entry. Equal entries make equal bytes: no time stamps, no owners.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace pixmill::pipeline {

// Above 4 GB, and above 65,535 entries, it is a zip64. Unless it was finished, nothing of it stays on disk.
class ZipFile {
 public:
  // `meant`: its later name, for messages. Throws Error{disk_full, unwritable}, as the others do.
  ZipFile(std::filesystem::path file, std::filesystem::path meant);
  ~ZipFile();
  ZipFile(const ZipFile&) = delete;
  ZipFile& operator=(const ZipFile&) = delete;

  // Names: UTF-8, '/' between, without ".."; what is not UTF-8 is replaced.
  void add(const std::string& name, std::span<const std::byte> bytes);
  // Streams a file; `packed`: worth compressing, as pictures are not. Throws what reading it throws, before anything of
  // it is in the zip file unless it shrinks meanwhile.
  void add_file(const std::string& name, const std::filesystem::path& source, bool packed);

  std::filesystem::path finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pixmill::pipeline
