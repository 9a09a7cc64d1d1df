#include "runtime/rebatch/graph.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "pixmill/core/protobuf.h"

namespace pixmill::runtime::rebatch {
namespace {

constexpr std::size_t kMostNumbers = 4096;  // of a constant that may be a shape
constexpr std::int64_t kInt32 = 6, kInt64 = 7;

struct Constant {
  std::string name;
  Integers shape;
  std::optional<Integers> numbers;
};

template <typename T>
Integers numbers_of(Bytes raw) {
  Integers numbers(raw.size() / sizeof(T));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    T number;
    std::memcpy(&number, raw.data() + i * sizeof(T), sizeof(T));
    numbers[i] = number;
  }
  return numbers;
}

Constant read_constant(Bytes message) {
  Constant constant;
  std::int64_t type = 0;
  Bytes raw;
  Integers listed;
  for (Fields fields(message); fields.next();) {
    switch (fields.number()) {
      case 1: fields.append_integers(constant.shape); break;
      case 2: type = fields.integer(); break;
      case 5:
      case 7:
        if (fields.bytes().size() <= kMostNumbers * 10) fields.append_integers(listed);
        break;
      case 8: constant.name = fields.text(); break;
      case 9: raw = fields.bytes(); break;
      default: break;
    }
  }
  if (constant.shape.size() > 1 || (type != kInt32 && type != kInt64) || raw.size() > kMostNumbers * 8) return constant;
  if (!raw.empty()) listed = type == kInt64 ? numbers_of<std::int64_t>(raw) : numbers_of<std::int32_t>(raw);
  constant.numbers = std::move(listed);
  return constant;
}

std::pair<std::string, Attribute> read_attribute(Bytes message) {
  std::pair<std::string, Attribute> attribute;
  for (Fields fields(message); fields.next();) {
    switch (fields.number()) {
      case 1: attribute.first = fields.text(); break;
      case 3: attribute.second.integer = fields.integer(); break;
      case 4: attribute.second.text = fields.text(); break;
      case 5: attribute.second.tensor = fields.bytes(); break;
      case 6:
      case 11: attribute.second.graph = true; break;
      case 8: fields.append_integers(attribute.second.integers); break;
      default: break;
    }
  }
  return attribute;
}

Node read_node(Bytes message) {
  Node node;
  for (Fields fields(message); fields.next();) {
    switch (fields.number()) {
      case node_field::kInput: node.inputs.emplace_back(fields.text()); break;
      case node_field::kOutput: node.outputs.emplace_back(fields.text()); break;
      case node_field::kName: node.name = fields.text(); break;
      case node_field::kOperator: node.op = fields.text(); break;
      case node_field::kAttribute: node.attributes.insert(read_attribute(fields.bytes())); break;
      default: break;
    }
  }
  return node;
}

void add_constant(Graph& graph, Constant constant) {
  if (constant.numbers) graph.constants[constant.name] = std::move(*constant.numbers);
  graph.weights[constant.name] = std::move(constant.shape);
}

void add_node(Graph& graph, Node node) {
  if (node.op == "Constant" && !node.outputs.empty()) {
    Constant constant;
    if (const auto value = node.attributes.find("value"); value != node.attributes.end())
      constant = read_constant(value->second.tensor);
    if (const Integers* numbers = node.integers("value_ints")) {
      constant.numbers = *numbers;
      constant.shape = {static_cast<std::int64_t>(numbers->size())};
    }
    if (const auto value = node.attributes.find("value_int"); value != node.attributes.end())
      constant.numbers = Integers{value->second.integer};
    constant.name = node.outputs.front();
    add_constant(graph, std::move(constant));
  }
  graph.nodes.push_back(std::move(node));
}

void read_graph(Bytes message, Graph& graph) {
  for (Fields fields(message); fields.next();) {
    switch (fields.number()) {
      case graph_field::kNode: add_node(graph, read_node(fields.bytes())); break;
      case graph_field::kInitializer: add_constant(graph, read_constant(fields.bytes())); break;
      case graph_field::kInput: graph.inputs.push_back(text_in(fields.bytes(), 1)); break;
      case graph_field::kOutput: graph.outputs.push_back(text_in(fields.bytes(), 1)); break;
      default: break;
    }
  }
}

std::int64_t opset_of(Bytes message) {
  std::string_view domain;
  std::int64_t version = 0;
  for (Fields fields(message); fields.next();) {
    if (fields.number() == 1) domain = fields.text();
    if (fields.number() == 2) version = fields.integer();
  }
  return domain.empty() || domain == "ai.onnx" ? version : 0;
}

}  // namespace

std::int64_t Node::integer(const std::string& attribute, std::int64_t fallback) const {
  const auto found = attributes.find(attribute);
  return found == attributes.end() ? fallback : found->second.integer;
}

const Integers* Node::integers(const std::string& attribute) const {
  const auto found = attributes.find(attribute);
  return found == attributes.end() ? nullptr : &found->second.integers;
}

const std::string& Node::input(std::size_t index) const {
  static const std::string none;
  return index < inputs.size() ? inputs[index] : none;
}

Graph read_graph(Bytes model) {
  Graph graph;
  for (Fields fields(model); fields.next();) {
    if (fields.number() == model_field::kGraph) read_graph(fields.bytes(), graph);
    if (fields.number() == 8) graph.opset = std::max(graph.opset, opset_of(fields.bytes()));
  }
  std::erase_if(graph.inputs, [&](const std::string& name) { return graph.weights.contains(name); });
  for (const Node& node : graph.nodes) {
    for (const auto* side : {&node.inputs, &node.outputs}) graph.names.insert(side->begin(), side->end());
  }
  return graph;
}

}  // namespace pixmill::runtime::rebatch
