// The graph of an ONNX file as far as a batch is concerned: nodes, shapes and whole numbers. Weights stay where they
// are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/tensor.h"
#include "pixmill/runtime/session.h"

namespace pixmill::runtime::rebatch {

using Bytes = std::span<const std::byte>;
using Integers = std::vector<std::int64_t>;
using Shapes = std::map<std::string, Integers>;  // by tensor

// Numbers of the fields in onnx.proto.
namespace model_field {
inline constexpr std::uint32_t kGraph = 7;
}
namespace graph_field {
inline constexpr std::uint32_t kNode = 1, kInitializer = 5, kInput = 11, kOutput = 12, kValueInfo = 13;
}
namespace node_field {
inline constexpr std::uint32_t kInput = 1, kOutput = 2, kName = 3, kOperator = 4, kAttribute = 5;
}

struct Attribute {
  std::int64_t integer = 0;
  Integers integers;
  std::string text;
  Bytes tensor;
  bool graph = false;  // it holds one, or several
};

struct Node {
  std::string name, op;
  std::vector<std::string> inputs, outputs;  // "" where an optional one is left out
  std::map<std::string, Attribute> attributes;

  std::int64_t integer(const std::string& attribute, std::int64_t fallback) const;
  const Integers* integers(const std::string& attribute) const;  // null where it is not given
  // Of the input of that index; "" where there is none.
  const std::string& input(std::size_t index) const;
};

struct Graph {
  std::vector<Node> nodes;
  std::vector<std::string> inputs, outputs;   // without weights
  std::map<std::string, Integers> constants;  // whole numbers of at most one dimension, by the tensor's name
  Shapes weights;                             // all weights and constants
  std::set<std::string> names;                // of all tensors, and of dimensions
  std::int64_t opset = 0;
};

// Throws DamagedMessage; Obstacle{} of a node that holds a graph of its own is left to whoever walks over it.
Graph read_graph(Bytes model);

}  // namespace pixmill::runtime::rebatch
