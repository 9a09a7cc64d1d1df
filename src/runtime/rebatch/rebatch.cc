#include "pixmill/runtime/rebatch.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/protobuf.h"
#include "pixmill/platform/files.h"
#include "runtime/rebatch/flow.h"
#include "runtime/rebatch/rewrite.h"

namespace pixmill::runtime {
namespace {

using namespace rebatch;
using tiny::Message;

// Inputs that are told a shape, by operator.
std::size_t list_of(const std::string& op) {
  static const std::map<std::string, std::size_t> table = {{"Reshape", 1}, {"Expand", 1},  {"Tile", 1},
                                                           {"Resize", 3},  {"Squeeze", 1}, {"Unsqueeze", 1}};
  const auto found = table.find(op);
  return found == table.end() ? 0 : found->second;
}

bool makes_tensors(const Node& node) {
  return node.op.find("Sequence") == std::string::npos && node.op.find("Optional") == std::string::npos;
}

// The model with more outputs: the shapes of all that its nodes make, and the lists that tell a shape.
class Probe {
 public:
  explicit Probe(const Graph& graph) : graph_(graph), prefix_(unused_prefix(graph)) {
    for (const Node& node : graph.nodes) {
      if (node.op == "Constant") continue;
      if (makes_tensors(node)) {
        for (const std::string& output : node.outputs) {
          if (!output.empty()) ask(output, "Shape", shapes_);
        }
      }
      const std::size_t index = list_of(node.op);
      const std::string& list = node.input(index);
      if (index > 0 && !list.empty() && !graph.weights.contains(list) && asked_.insert(list).second)
        ask(list, "Identity", values_);
    }
  }

  Observed run(const ModelSource& model, std::span<const Tensor> inputs) const {
    std::string bytes(reinterpret_cast<const char*>(model.bytes.data()), model.bytes.size());
    bytes += Message().message(model_field::kGraph, added_).bytes();  // parts of a message are merged
    const auto session = load_session({model.name, std::as_bytes(std::span(bytes)), {}}, {.backend = "onnxruntime",
                                                                                          .device = "cpu",
                                                                                          .precision = Precision::fp32,
                                                                                          .streams = 1,
                                                                                          .require_device = true,
                                                                                          .keep_compiled = false});
    bytes = {};
    std::vector<int> wanted;
    for (std::size_t i = 0; i < shapes_.size() + values_.size(); ++i)
      wanted.push_back(static_cast<int>(graph_.outputs.size() + i));
    std::vector<Tensor> answers = session->run(inputs, wanted);
    Observed observed;
    for (const auto& [tensor, at] : shapes_) observed.shapes[tensor] = numbers_of(answers[at]);
    for (const auto& [tensor, at] : values_) observed.values[tensor] = numbers_of(answers[at]);
    return observed;
  }

 private:
  void ask(const std::string& tensor, std::string_view op, std::map<std::string, std::size_t>& answers) {
    const std::size_t number = shapes_.size() + values_.size();
    const std::string name = prefix_ + std::to_string(number);
    answers[tensor] = number;
    added_.message(graph_field::kNode, tiny::node(op, {tensor}, {name}));
    added_.message(graph_field::kOutput, tiny::port(name, tiny::kInt64, {-1}));
  }

  static Integers numbers_of(const Tensor& tensor) {
    if (tensor.type() != ElementType::i64) return {};
    const auto numbers = tensor.as<std::int64_t>();
    return {numbers.begin(), numbers.end()};
  }

  const Graph& graph_;
  const std::string prefix_;
  Message added_;
  std::set<std::string> asked_;
  std::map<std::string, std::size_t> shapes_, values_;  // number of the answer
};

// "batch", unless another dimension has that name.
std::string dimension_name(const ModelSignature& signature) {
  std::set<std::string> taken;
  for (const auto* ports : {&signature.inputs, &signature.outputs}) {
    for (const Port& port : *ports) {
      for (std::size_t i = 0; i < port.dimension_names.size(); ++i) {
        if (i > 0) taken.insert(port.dimension_names[i]);
      }
    }
  }
  std::string name = "batch";
  while (taken.contains(name)) name += "_size";
  return name;
}

bool takes_any_batch(const ModelSignature& signature, const std::vector<std::string>& carriers) {
  return std::all_of(signature.inputs.begin(), signature.inputs.end(), [&](const Port& port) {
    return std::find(carriers.begin(), carriers.end(), port.name) == carriers.end() || port.shape.front() < 0;
  });
}

// By the first guess that leads to the end; throws what the first one met.
Flow follow(const Graph& graph, const Observed& observed, const std::vector<std::string>& carriers) {
  Flow flow(graph, observed, Guess::same_dimension);
  try {
    flow.run(carriers);
    return flow;
  } catch (const BatchObstacle&) {
    Flow other(graph, observed, Guess::first_dimension);
    try {
      other.run(carriers);
      return other;
    } catch (const BatchObstacle&) {  // no better
    }
    throw;
  }
}

}  // namespace

void RebatchPlan::add(std::string piece) {
  made_.push_back(std::move(piece));
  pieces_.push_back(std::as_bytes(std::span(made_.back())));
}

void RebatchPlan::write(const std::filesystem::path& path) const {
  const platform::Descriptor file = platform::open_to_append(path);
  std::string small;  // pieces are often of a few bytes
  constexpr std::size_t kSmall = 4096, kBlock = 1 << 20;
  for (const std::span<const std::byte> piece : pieces_) {
    if (piece.size() <= kSmall) small.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    if (piece.size() <= kSmall && small.size() < kBlock) continue;
    platform::write_all(file, std::as_bytes(std::span(small)), path);
    small.clear();
    if (piece.size() > kSmall) platform::write_all(file, piece, path);
  }
  platform::write_all(file, std::as_bytes(std::span(small)), path);
  platform::flush_to_disk(file, path);
}

RebatchPlan plan_rebatch(const ModelSource& model, std::span<const Tensor> inputs) {
  const ModelSignature signature = read_signature(model);
  const Graph graph = rebatch::read_graph(model.bytes);
  if (inputs.size() != signature.inputs.size() || inputs.empty() || inputs.front().shape().empty())
    throw Error(ErrorCode::usage, model.name + " has no input with a batch");
  Observed observed = Probe(graph).run(model, inputs);
  observed.batch = inputs.front().shape().front();
  std::vector<std::string> carriers;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::vector<std::int64_t>& shape = inputs[i].shape();
    observed.shapes[signature.inputs[i].name] = shape;
    if (shape.size() > 1 && shape.front() == observed.batch) carriers.push_back(signature.inputs[i].name);
  }
  const Flow flow = follow(graph, observed, carriers);
  RebatchPlan plan;
  plan.changes = flow.changes().words;
  plan.dimension = dimension_name(signature);
  plan.already = plan.changes.empty() && takes_any_batch(signature, carriers);
  rewrite(model.bytes, graph, flow, carriers.empty() ? "" : carriers.front(), plan.dimension, plan);
  return plan;
}

}  // namespace pixmill::runtime
