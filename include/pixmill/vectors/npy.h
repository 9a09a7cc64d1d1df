// NumPy's .npy, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pixmill::vectors {

inline constexpr std::size_t kNpyHead = 128;  // bytes of every head here

struct NpyShape {
  std::size_t rows = 0, columns = 0;
  bool halves = false;  // f16 in place of f32

  bool operator==(const NpyShape&) const = default;
};

// Magic, version and length before `literal`, a Python literal of the type and the shape; padded so that the data begin
// at a multiple of 64 bytes, and not before `least`.
std::string npy_head_of(std::string literal, std::size_t least = 0);

// What stands before the first row, kNpyHead bytes.
std::string npy_head(const NpyShape& shape);

// The same before `count` texts of `length` code points of 4 bytes each.
std::string npy_text_head(std::size_t count, std::size_t length);

// Of a head that npy_head() made; nullopt for any other bytes.
std::optional<NpyShape> read_npy_head(std::string_view bytes);

}  // namespace pixmill::vectors
