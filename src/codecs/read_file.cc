#include "pixmill/codecs/read_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "codecs/input_file.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/descriptor.h"

namespace pixmill::codecs {
namespace fs = std::filesystem;
namespace {

// No photograph is larger; a disk image with a picture's head may be.
constexpr std::size_t kMaxFileBytes = std::size_t{4} << 30;
constexpr std::size_t kBlock = std::size_t{1} << 18;

[[noreturn]] void throw_too_large(const fs::path& path) {
  throw Error(ErrorCode::too_large, path.string() + ": larger than 4 GiB", "split it, or shrink it first");
}

}  // namespace

std::vector<std::byte> read_file(const fs::path& path) {
  const platform::Descriptor file = open_picture(path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw read_error(path, errno);
  if (S_ISREG(status.st_mode) && static_cast<std::size_t>(status.st_size) > kMaxFileBytes) throw_too_large(path);
  std::vector<std::byte> bytes(
      S_ISREG(status.st_mode) ? std::min<std::size_t>(static_cast<std::size_t>(status.st_size) + 1, kBlock) : kBlock);
  std::size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) {
      if (!codecs::sniff(bytes) || filled > kMaxFileBytes) break;
      bytes.resize(std::max(std::min<std::size_t>(static_cast<std::size_t>(status.st_size) + 1, kMaxFileBytes + 1),
                            filled + kBlock));
    }
    const ssize_t count = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw read_error(path, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  if (filled > kMaxFileBytes) throw_too_large(path);
  bytes.resize(filled);
  return bytes;
}

}  // namespace pixmill::codecs
