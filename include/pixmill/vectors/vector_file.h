// Rows of numbers in a file that NumPy reads, too; it only grows, and is valid after a kill.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "pixmill/platform/descriptor.h"
#include "pixmill/vectors/nearest.h"

namespace pixmill::vectors {

// For one writer at a time. Rows are f16, all of one length. What counts as a row is for the caller to remember: rows
// that were written before a kill and that nobody remembers are written over by the next ones.
//
// Everything here throws Error{unwritable, disk_full} for what the disk refuses.
class VectorFile {
 public:
  // A new file without rows, whatever stood there.
  static VectorFile make(const std::filesystem::path& file, std::size_t columns);
  // Throws Error{not_found, unreadable, corrupt} too.
  static VectorFile open(const std::filesystem::path& file);

  std::size_t columns() const { return columns_; }

  // From row `first` on.
  void write(std::size_t first, std::span<const std::uint16_t> rows);
  void write(std::size_t first, std::span<const float> rows);  // rounded
  void erase(std::size_t row);                                 // all its numbers become NaN: it is like no other
  // When this returns, all that was written is on disk, and the file says that it has so many rows.
  void commit(std::size_t rows);

 private:
  VectorFile(std::filesystem::path path, platform::Descriptor file, std::size_t columns);
  void write_at(std::size_t offset, std::span<const std::byte> bytes);

  std::filesystem::path path_;
  platform::Descriptor file_;
  std::size_t columns_;
};

// The rows of such a file in memory, read by the system as they are used. Stays valid when the file is removed.
class VectorView {
 public:
  // The first `rows` of it. Throws Error{not_found, unreadable, corrupt}: there are fewer, or of another length.
  VectorView(const std::filesystem::path& file, std::size_t rows, std::size_t columns);
  ~VectorView();
  VectorView(VectorView&& other) noexcept;
  VectorView& operator=(VectorView&& other) noexcept;

  HalfMatrix rows() const { return rows_; }

 private:
  void* start_ = nullptr;
  std::size_t bytes_ = 0;
  HalfMatrix rows_;
};

}  // namespace pixmill::vectors
