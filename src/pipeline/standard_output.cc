#include "pipeline/standard_output.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "pixmill/core/error.h"

namespace pixmill::pipeline {

void write_to_standard_output(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw Error(ErrorCode::unwritable, "standard output: " + std::generic_category().message(errno),
                  "is the reader still there?");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace pixmill::pipeline
