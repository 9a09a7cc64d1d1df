// ONNX models of a few nodes, written byte by byte: for the model that `pixmill doctor` tries (self_test_model.cc), and
// so that tests need no files.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "pixmill/runtime/session.h"

namespace pixmill::runtime::tiny {

// A protobuf message under construction.
class Message {
 public:
  Message& integer(unsigned field, std::int64_t value) {
    varint(field << 3);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  Message& text(unsigned field, std::string_view value) {
    varint(field << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(unsigned field, const Message& value) { return text(field, value.bytes_); }

  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

constexpr int kFloat = 1;
constexpr int kUint8 = 2;
constexpr int kInt8 = 3;
constexpr int kInt64 = 7;
constexpr int kHalf = 10;

// An extent, or, when negative, the dynamic dimension "n".
inline Message port(std::string_view name, int type, const std::vector<std::int64_t>& shape) {
  Message dimensions;
  for (const std::int64_t extent : shape) {
    Message dimension;
    extent < 0 ? dimension.text(2, "n") : dimension.integer(1, extent);
    dimensions.message(1, dimension);
  }
  const Message tensor = Message().integer(1, type).message(2, dimensions);
  return Message().text(1, name).message(2, Message().message(1, tensor));
}

inline Message attribute(std::string_view name, const std::vector<std::int64_t>& integers) {
  Message message;
  message.text(1, name).integer(20, 7);  // type INTS
  for (const std::int64_t value : integers) message.integer(8, value);
  return message;
}

inline Message integer_attribute(std::string_view name, std::int64_t integer) {
  return Message().text(1, name).integer(20, 2).integer(3, integer);  // type INT
}

inline Message node(std::string_view op, const std::vector<std::string>& inputs,
                    const std::vector<std::string>& outputs, const std::vector<Message>& attributes = {}) {
  Message message;
  for (const std::string& name : inputs) message.text(1, name);
  for (const std::string& name : outputs) message.text(2, name);
  for (const Message& part : attributes) message.message(5, part);
  return message.text(4, op);
}

template <typename T = float>
Message weight(std::string_view name, const std::vector<std::int64_t>& shape, const std::vector<T>& values) {
  constexpr int kType = std::is_same_v<T, float> ? kFloat : std::is_same_v<T, std::uint8_t> ? kUint8 : kInt8;
  Message message;
  for (const std::int64_t extent : shape) message.integer(1, extent);
  message.integer(2, kType).text(8, name);
  return message.text(9, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

struct Graph {
  std::vector<Message> nodes, weights, inputs, outputs;
  int opset = 17;
};

inline std::string model(const Graph& parts) {
  Message graph;
  for (const Message& part : parts.nodes) graph.message(1, part);
  graph.text(2, "tiny");
  for (const Message& part : parts.weights) graph.message(5, part);
  for (const Message& part : parts.inputs) graph.message(11, part);
  for (const Message& part : parts.outputs) graph.message(12, part);
  return Message()
      .integer(1, 8)
      .message(8, Message().text(1, "").integer(2, parts.opset))
      .message(14, Message().text(1, "made").text(2, "by hand"))
      .message(7, graph)
      .bytes();
}

// y = op(x), one input and one output of the same shape.
inline std::string unary(std::string_view op, const std::vector<std::int64_t>& shape, int type = kFloat,
                         int opset = 17) {
  return model({.nodes = {node(op, {"x"}, {"y"})},
                .weights = {},
                .inputs = {port("x", type, shape)},
                .outputs = {port("y", type, shape)},
                .opset = opset});
}

// Two inputs, two outputs: sum = a + b, difference = a - b; any batch of `width` numbers.
inline std::string sum_and_difference(std::int64_t width) {
  const std::vector<std::int64_t> shape = {-1, width};
  return model({.nodes = {node("Add", {"a", "b"}, {"sum"}), node("Sub", {"a", "b"}, {"difference"})},
                .weights = {},
                .inputs = {port("a", kFloat, shape), port("b", kFloat, shape)},
                .outputs = {port("sum", kFloat, shape), port("difference", kFloat, shape)}});
}

// y = 1x1 convolution of x that doubles every channel; x: n x channels x 8 x 8.
inline std::string doubling_convolution(std::int64_t channels) {
  std::vector<float> values(static_cast<std::size_t>(channels * channels), 0.0f);
  for (std::int64_t c = 0; c < channels; ++c) values[static_cast<std::size_t>(c * channels + c)] = 2.0f;
  const std::vector<std::int64_t> shape = {-1, channels, 8, 8};
  return model({.nodes = {node("Conv", {"x", "w"}, {"y"}, {attribute("kernel_shape", {1, 1})})},
                .weights = {weight("w", {channels, channels, 1, 1}, values)},
                .inputs = {port("x", kFloat, shape)},
                .outputs = {port("y", kFloat, shape)}});
}

inline ModelSource source(const std::string& bytes, std::string name = "tiny.onnx") {
  return {std::move(name), std::as_bytes(std::span(bytes)), {}};
}

inline Tensor tensor(std::vector<std::int64_t> shape, float first = 0.0f, float step = 1.0f) {
  Tensor made(std::move(shape), ElementType::f32);
  for (float& value : made.as<float>()) {
    value = first;
    first += step;
  }
  return made;
}

inline std::vector<float> values(const Tensor& tensor) {
  return {tensor.as<float>().begin(), tensor.as<float>().end()};
}

}  // namespace pixmill::runtime::tiny
