#include "pixmill/vectors/vector_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <utility>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/core/half_rows.h"
#include "pixmill/platform/files.h"
#include "pixmill/vectors/npy.h"

namespace pixmill::vectors {
namespace fs = std::filesystem;
namespace {

constexpr mode_t kMode = 0666;  // less the umask

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(ErrorCode::corrupt, file.string() + ": " + what, "");
}

NpyShape shape_of(const platform::Descriptor& file, const fs::path& path) {
  std::array<char, kNpyHead> head;
  const ::ssize_t got = ::pread(file.get(), head.data(), head.size(), 0);
  if (got < 0) throw platform::read_error(errno, path);
  const auto shape = read_npy_head({head.data(), static_cast<std::size_t>(got)});
  if (!shape || !shape->halves || shape->columns == 0) refuse(path, "is no file of vectors, or a damaged one");
  return *shape;
}

}  // namespace

VectorFile::VectorFile(fs::path path, platform::Descriptor file, std::size_t columns)
    : path_(std::move(path)), file_(std::move(file)), columns_(columns) {}

VectorFile VectorFile::make(const fs::path& file, std::size_t columns) {
  platform::Descriptor handle(::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, kMode));
  if (handle.get() < 0) throw platform::write_error(errno, file);
  VectorFile made(file, std::move(handle), columns);
  made.commit(0);
  return made;
}

VectorFile VectorFile::open(const fs::path& file) {
  platform::Descriptor handle(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (handle.get() < 0) throw errno == ENOENT ? platform::read_error(errno, file) : platform::write_error(errno, file);
  const std::size_t columns = shape_of(handle, file).columns;
  return {file, std::move(handle), columns};
}

void VectorFile::write_at(std::size_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ::ssize_t written = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<::off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw platform::write_error(errno, path_);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::size_t>(written);
  }
}

void VectorFile::write(std::size_t first, std::span<const std::uint16_t> rows) {
  write_at(kNpyHead + first * columns_ * sizeof(std::uint16_t), std::as_bytes(rows));
}

void VectorFile::write(std::size_t first, std::span<const float> rows) {
  std::vector<std::uint16_t> halves(rows.size());
  narrow(rows, halves);
  write(first, halves);
}

void VectorFile::erase(std::size_t row) {
  write(row, std::vector<float>(columns_, std::numeric_limits<float>::quiet_NaN()));
}

void VectorFile::commit(std::size_t rows) {
  if (::fdatasync(file_.get()) != 0) throw platform::write_error(errno, path_);
  const std::string head = npy_head({rows, columns_, true});
  write_at(0, std::as_bytes(std::span(head)));
  if (::fdatasync(file_.get()) != 0) throw platform::write_error(errno, path_);
}

VectorView::VectorView(const fs::path& file, std::size_t rows, std::size_t columns) {
  const platform::Descriptor handle = platform::open_to_read(file);
  if (shape_of(handle, file).columns != columns) refuse(file, "its vectors have another length");
  struct stat facts {};
  if (::fstat(handle.get(), &facts) != 0) throw platform::read_error(errno, file);
  const std::size_t wanted = rows * columns * sizeof(std::uint16_t);
  if (static_cast<std::size_t>(facts.st_size) < kNpyHead + wanted)
    refuse(file, "is cut off: " + std::to_string(rows) + " vectors should be there");
  bytes_ = kNpyHead + wanted;
  start_ = ::mmap(nullptr, bytes_, PROT_READ, MAP_SHARED, handle.get(), 0);
  if (start_ == MAP_FAILED) throw platform::read_error(std::exchange(errno, 0), file);
  const auto* first = reinterpret_cast<const std::uint16_t*>(static_cast<const std::byte*>(start_) + kNpyHead);
  rows_ = {{first, rows * columns}, columns};
}

VectorView::VectorView(VectorView&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)), bytes_(other.bytes_), rows_(std::exchange(other.rows_, {})) {}

VectorView& VectorView::operator=(VectorView&& other) noexcept {
  std::swap(start_, other.start_);
  std::swap(bytes_, other.bytes_);
  std::swap(rows_, other.rows_);
  return *this;
}

VectorView::~VectorView() {
  if (start_ != nullptr) ::munmap(start_, bytes_);
}

}  // namespace pixmill::vectors
