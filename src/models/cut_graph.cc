#include "models/cut_graph.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/core/protobuf.h"

namespace pixmill::models {
namespace {

using Bytes = std::span<const std::byte>;

// Numbers of the fields in onnx.proto.
constexpr std::uint32_t kGraph = 7;                                                  // of a model
constexpr std::uint32_t kNode = 1, kInitializer = 5, kOutput = 12, kValueInfo = 13;  // of a graph
constexpr std::uint32_t kNodeInput = 1, kNodeOutput = 2, kAttribute = 5;             // of a node
constexpr std::uint32_t kAttributeGraph = 6, kAttributeGraphs = 11;                  // of an attribute
constexpr std::uint32_t kTensorName = 8, kPortName = 1;                              // of a tensor, of a port
constexpr std::uint32_t kPortType = 2, kTensorType = 1, kElementType = 1, kFloat = 1;

struct Node {
  Bytes field;  // with its tag
  std::set<std::string, std::less<>> inputs, outputs;
};

void read_node(Bytes message, Node& node);

// The graphs inside of a node may use any tensor of the graph around it.
void read_inner_graphs(Bytes attribute, Node& node) {
  for (Fields fields(attribute); fields.next();) {
    if (fields.number() != kAttributeGraph && fields.number() != kAttributeGraphs) continue;
    for (Fields inner(fields.bytes()); inner.next();) {
      Node within;
      if (inner.number() == kNode) read_node(inner.bytes(), within);
      if (inner.number() == kOutput) within.inputs.insert(text_in(inner.bytes(), kPortName));
      node.inputs.merge(within.inputs);
    }
  }
}

void read_node(Bytes message, Node& node) {
  for (Fields fields(message); fields.next();) {
    switch (fields.number()) {
      case kNodeInput: node.inputs.emplace(fields.text()); break;
      case kNodeOutput: node.outputs.emplace(fields.text()); break;
      case kAttribute: read_inner_graphs(fields.bytes(), node); break;
      default: break;
    }
  }
}

std::vector<Node> nodes_of(Bytes graph) {
  std::vector<Node> nodes;
  for (Fields fields(graph); fields.next();) {
    if (fields.number() != kNode) continue;
    nodes.push_back({fields.raw(), {}, {}});
    read_node(fields.bytes(), nodes.back());
  }
  return nodes;
}

// All tensors that `tensor` is made of. Nodes come in the order in which they can run.
std::set<std::string, std::less<>> needed_for(const std::string& tensor, const std::vector<Node>& nodes) {
  std::set<std::string, std::less<>> needed = {tensor};
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    for (const std::string& output : node->outputs) {
      if (!needed.contains(output)) continue;
      needed.insert(node->inputs.begin(), node->inputs.end());
      break;
    }
  }
  return needed;
}

void append(std::string& to, std::uint32_t number, std::string_view bytes) {
  to += field_head(number, bytes.size());
  to += bytes;
}

// What the file knows of the tensor; else that it holds floats.
std::string port_of(Bytes graph, const std::string& tensor) {
  for (Fields fields(graph); fields.next();) {
    const bool port = fields.number() == kOutput || fields.number() == kValueInfo;
    if (port && text_in(fields.bytes(), kPortName) == tensor) return std::string(fields.text());
  }
  const std::string element = {static_cast<char>(kElementType << 3), static_cast<char>(kFloat)};
  std::string type, port;
  append(type, kTensorType, element);
  append(port, kPortName, tensor);
  append(port, kPortType, type);
  return port;
}

std::string cut_at(Bytes graph, const std::string& tensor, const std::string& name) {
  const std::vector<Node> nodes = nodes_of(graph);
  const auto needed = needed_for(tensor, nodes);
  const auto is_needed = [&](const Node& node) {
    return std::any_of(node.outputs.begin(), node.outputs.end(),
                       [&](const std::string& output) { return needed.contains(output); });
  };
  bool made = false;
  std::string cut;
  std::size_t at = 0;
  for (Fields fields(graph); fields.next();) {
    switch (fields.number()) {
      case kNode: {
        const Node& node = nodes[at++];
        made = made || node.outputs.contains(tensor);
        if (is_needed(node)) cut += text_of(fields.raw());
        break;
      }
      case kInitializer:
        if (needed.contains(text_in(fields.bytes(), kTensorName))) cut += text_of(fields.raw());
        break;
      case kOutput: break;
      case kValueInfo:
        if (text_in(fields.bytes(), kPortName) != tensor) cut += text_of(fields.raw());
        break;
      default: cut += text_of(fields.raw());
    }
  }
  if (!made)
    throw Error(ErrorCode::bad_model, name + " has no tensor '" + tensor + "', where its card ends the graph",
                "correct `tensor` in the card");
  append(cut, kOutput, port_of(graph, tensor));
  return cut;
}

}  // namespace

std::string cut_graph(std::span<const std::byte> model, const std::string& tensor, const std::string& name) {
  try {
    std::string cut;
    for (Fields fields(model); fields.next();) {
      if (fields.number() == kGraph) {
        append(cut, kGraph, cut_at(fields.bytes(), tensor, name));
      } else {
        cut += text_of(fields.raw());
      }
    }
    return cut;
  } catch (const DamagedMessage& damage) {
    throw Error(ErrorCode::bad_model, name + " is damaged: " + std::string(damage.reason), "fetch the model again");
  }
}

}  // namespace pixmill::models
