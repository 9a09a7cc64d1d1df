#include "pixmill/vectors/npy.h"

#include <algorithm>
#include <charconv>

namespace pixmill::vectors {
namespace {

constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);

std::string text_of(const NpyShape& shape) {
  return "{'descr': '" + std::string(shape.halves ? "<f2" : "<f4") + "', 'fortran_order': False, 'shape': (" +
         std::to_string(shape.rows) + ", " + std::to_string(shape.columns) + "), }";
}

// The number at the beginning of `text`, which is taken away.
std::optional<std::size_t> take_number(std::string_view& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

std::string npy_head_of(std::string literal, std::size_t least) {
  constexpr std::size_t kAlignment = 64, kBefore = kMagic.size() + 2;  // and the length of the literal
  const std::size_t needed = std::max(kBefore + literal.size() + 1, least);
  literal.resize((needed + kAlignment - 1) / kAlignment * kAlignment - kBefore - 1, ' ');
  literal += '\n';
  std::string head(kMagic);
  head += static_cast<char>(literal.size() & 0xFFU);
  head += static_cast<char>(literal.size() >> 8U);
  return head + literal;
}

std::string npy_head(const NpyShape& shape) {
  return npy_head_of(text_of(shape), kNpyHead);
}

std::string npy_text_head(std::size_t count, std::size_t length) {
  return npy_head_of("{'descr': '<U" + std::to_string(length) + "', 'fortran_order': False, 'shape': (" +
                     std::to_string(count) + ",), }");
}

std::optional<NpyShape> read_npy_head(std::string_view bytes) {
  if (bytes.size() < kNpyHead) return std::nullopt;
  bytes = bytes.substr(0, kNpyHead);
  constexpr std::string_view kShape = "'shape': (";
  const std::size_t at = bytes.find(kShape);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = bytes.substr(at + kShape.size());
  const auto rows = take_number(rest);
  if (!rows || !rest.starts_with(", ")) return std::nullopt;
  rest.remove_prefix(2);
  const auto columns = take_number(rest);
  if (!columns) return std::nullopt;
  const NpyShape shape{*rows, *columns, bytes.find("'<f2'") < at};
  return npy_head(shape) == bytes ? std::optional(shape) : std::nullopt;
}

}  // namespace pixmill::vectors
