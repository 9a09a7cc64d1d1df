// What goes into a model and what comes out of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pixmill/core/buffer.h"

namespace pixmill {

enum class ElementType : std::uint8_t { f32, f16, bf16, f64, u8, i8, u16, i16, i32, i64, boolean, other };

std::size_t bytes_of(ElementType type);                           // 0 for `other`
std::string_view name_of(ElementType type);                       // "f32", ...
std::int64_t element_count(std::span<const std::int64_t> shape);  // product; 1 for a scalar

// Dense, row-major. Move-only. Not synchronised.
class Tensor {
 public:
  Tensor() = default;
  Tensor(std::vector<std::int64_t> shape, ElementType type);  // not initialised; throws Error{out_of_memory}

  const std::vector<std::int64_t>& shape() const { return shape_; }
  ElementType type() const { return type_; }
  std::int64_t size() const { return element_count(shape_); }
  std::size_t bytes() const { return buffer_.size(); }
  bool empty() const { return buffer_.size() == 0; }
  Tensor clone() const;

  std::byte* data() { return buffer_.data(); }
  const std::byte* data() const { return buffer_.data(); }

  // The elements as T; the caller knows the type.
  template <typename T>
  std::span<T> as() {
    return {reinterpret_cast<T*>(buffer_.data()), static_cast<std::size_t>(size())};
  }
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(buffer_.data()), static_cast<std::size_t>(size())};
  }

 private:
  std::vector<std::int64_t> shape_;
  ElementType type_ = ElementType::f32;
  AlignedBuffer buffer_;
};

// One input or output of a model as the model declares it. A dimension of -1 is dynamic; its name may be known.
struct Port {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::string> dimension_names;  // as many as `shape`; "" where there is none
};

// What a model file says of itself: enough to guess its family without running it.
struct ModelSignature {
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<std::pair<std::string, std::string>> metadata;  // custom key and value pairs of the file
};

}  // namespace pixmill
