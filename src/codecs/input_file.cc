#include "codecs/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "pixmill/platform/files.h"

namespace pixmill::codecs {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kPngSignatureBytes = 8;
constexpr std::int64_t kPngFrameBytes = 12;       // length, type, checksum
constexpr std::int64_t kMaxExifBytes = 16 << 20;  // a longer one is no photograph's
constexpr std::size_t kTiffHeaderBytes = 8;
constexpr std::size_t kTiffEntryBytes = 12;

std::size_t number_at(std::span<const std::byte> bytes, std::size_t offset, std::size_t count, bool little) {
  if (bytes.size() < offset + count) return 0;
  std::size_t result = 0;
  for (std::size_t i = 0; i < count; ++i) {
    result = result << 8 | std::to_integer<std::size_t>(bytes[offset + (little ? count - 1 - i : i)]);
  }
  return result;
}

// The signature and the EXIF chunk, wherever that stands.
std::vector<std::byte> png_with_exif_only(const InputFile& file) {
  std::vector<std::byte> result = file.bytes_at(0, kPngSignatureBytes);
  for (std::int64_t at = kPngSignatureBytes; at + kPngFrameBytes <= file.size();) {
    const std::vector<std::byte> head = file.bytes_at(at, 8);
    if (head.size() < 8) break;
    const std::int64_t bytes = kPngFrameBytes + static_cast<std::int64_t>(number_at(head, 0, 4, false));
    if (std::memcmp(head.data() + 4, "eXIf", 4) == 0 && bytes <= kMaxExifBytes) {
      const std::vector<std::byte> chunk = file.bytes_at(at, static_cast<std::size_t>(bytes));
      result.insert(result.end(), chunk.begin(), chunk.end());
      break;
    }
    at += bytes;
  }
  return result;
}

// The first directory, moved to where the header ends.
std::vector<std::byte> first_tiff_directory(const InputFile& file) {
  std::vector<std::byte> result = file.bytes_at(0, kTiffHeaderBytes);
  if (result.size() < kTiffHeaderBytes) return {};
  const bool little = result[0] == std::byte{'I'};
  const auto offset = static_cast<std::int64_t>(number_at(result, 4, 4, little));
  const std::size_t entries = number_at(file.bytes_at(offset, 2), 0, 2, little);
  const std::vector<std::byte> directory = file.bytes_at(offset, 2 + entries * kTiffEntryBytes);
  for (std::size_t i = 0; i < 4; ++i) result[4 + i] = std::byte{0};
  result[little ? 4 : 7] = std::byte{kTiffHeaderBytes};
  result.insert(result.end(), directory.begin(), directory.end());
  return result;
}

}  // namespace

Error read_error(const fs::path& path, int number) {
  const Error error = platform::read_error(number, path);
  const bool absent = error.code() == ErrorCode::not_found;
  std::error_code ignored;
  if ((absent || number == ELOOP) && fs::is_symlink(fs::symlink_status(path, ignored)))
    return {ErrorCode::not_found, path.string() + ": the link is broken", "fix or remove the link"};
  if (absent)
    return {error.code(), error.message(), "check the spelling; quote names with spaces; run again if it was moved"};
  return {error.code(), error.message(),
          number == EACCES ? "give this user the right to read it" : "check the disk it lies on"};
}

platform::Descriptor open_picture(const fs::path& path) {
  // Standard input is read through a number of its own, so that closing that one leaves it open.
  platform::Descriptor file(path == "-" ? ::dup(STDIN_FILENO)
                                        : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) throw read_error(path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw read_error(path, errno);
  if (S_ISDIR(status.st_mode)) throw read_error(path, EISDIR);
  if (!S_ISREG(status.st_mode) && path != "-") {
    throw Error(ErrorCode::unsupported, path.string() + ": a pipe or device, not a file", "for a pipe, the input is -");
  }
  return file;
}

InputFile::InputFile(const fs::path& path) : file_(open_picture(path)) {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) throw read_error(path, errno);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorCode::unsupported, path.string() + ": a pipe cannot be read row by row", "name a file");
  }
  size_ = status.st_size;
}

std::ptrdiff_t InputFile::read_at(std::int64_t offset, std::span<std::byte> buffer) const noexcept {
  for (;;) {
    const ssize_t count = ::pread(file_.get(), buffer.data(), buffer.size(), offset);
    if (count >= 0) return count;
    if (errno == EINTR) continue;
    failure_ = errno;
    return -1;
  }
}

std::vector<std::byte> InputFile::bytes_at(std::int64_t offset, std::size_t count) const {
  if (offset < 0 || offset >= size_) return {};
  std::vector<std::byte> bytes(std::min(count, static_cast<std::size_t>(size_ - offset)));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const std::ptrdiff_t got = read_at(offset + static_cast<std::int64_t>(filled), std::span(bytes).subspan(filled));
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

std::vector<std::byte> without_pixels(const InputFile& file, Format format) {
  if (format == Format::png) return png_with_exif_only(file);
  if (format == Format::tiff) return first_tiff_directory(file);
  return {};
}

}  // namespace pixmill::codecs
