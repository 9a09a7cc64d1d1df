// Calls of the system whose failures are std::system_error with their errno: what FileLayer is made of.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

[[noreturn]] inline void fail_with(int number) {
  throw std::system_error(number, std::generic_category());
}

inline FileStamp stamp_from(const struct stat& status) {
  return {status.st_size, std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_ino};
}

inline void write_bytes(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_with(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace pixmill::pipeline
