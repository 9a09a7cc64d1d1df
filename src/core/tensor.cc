#include "pixmill/core/tensor.h"

#include <cstring>
#include <limits>

#include "pixmill/core/error.h"

namespace pixmill {
namespace {

// Models and files of others name extents: a product that overflows must not become a small buffer.
std::size_t byte_count(std::span<const std::int64_t> shape, ElementType type) {
  std::size_t bytes = bytes_of(type);
  for (const std::int64_t extent : shape) {
    const auto count = static_cast<std::size_t>(extent);
    if (extent < 0 || (count != 0 && bytes > std::numeric_limits<std::int64_t>::max() / count))
      throw Error(ErrorCode::out_of_memory, "a tensor larger than the address space was asked for");
    bytes *= count;
  }
  return bytes;
}

}  // namespace

std::size_t bytes_of(ElementType type) {
  switch (type) {
    case ElementType::u8:
    case ElementType::i8:
    case ElementType::boolean: return 1;
    case ElementType::f16:
    case ElementType::bf16:
    case ElementType::u16:
    case ElementType::i16: return 2;
    case ElementType::f32:
    case ElementType::i32: return 4;
    case ElementType::f64:
    case ElementType::i64: return 8;
    case ElementType::other: return 0;
  }
  return 0;
}

std::string_view name_of(ElementType type) {
  switch (type) {
    case ElementType::f32: return "f32";
    case ElementType::f16: return "f16";
    case ElementType::bf16: return "bf16";
    case ElementType::f64: return "f64";
    case ElementType::u8: return "u8";
    case ElementType::i8: return "i8";
    case ElementType::u16: return "u16";
    case ElementType::i16: return "i16";
    case ElementType::i32: return "i32";
    case ElementType::i64: return "i64";
    case ElementType::boolean: return "bool";
    case ElementType::other: return "other";
  }
  return "other";
}

std::int64_t element_count(std::span<const std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

Tensor::Tensor(std::vector<std::int64_t> shape, ElementType type)
    : shape_(std::move(shape)), type_(type), buffer_(byte_count(shape_, type)) {}

Tensor Tensor::clone() const {
  Tensor copy(shape_, type_);
  std::memcpy(copy.data(), data(), bytes());
  return copy;
}

}  // namespace pixmill
