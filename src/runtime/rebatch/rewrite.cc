#include "runtime/rebatch/rewrite.h"

#include <algorithm>
#include <set>
#include <utility>

#include "pixmill/core/protobuf.h"

namespace pixmill::runtime::rebatch {
namespace {

using tiny::Message;

// The message with the field `number` replaced by what `change` makes of it; all other fields as they stand.
template <typename Change>
std::string with(Bytes message, std::uint32_t number, Change change) {
  std::string changed;
  for (Fields fields(message); fields.next();) {
    if (fields.number() == number) {
      changed += Message().text(number, change(fields.bytes())).bytes();
    } else {
      changed += text_of(fields.raw());
    }
  }
  return changed;
}

// A dimension that is neither a number nor, where `name` is empty, a name.
std::string free_dimension(Bytes dimension, const std::string& name) {
  std::string changed;
  for (Fields fields(dimension); fields.next();) {
    if (fields.number() > 2) changed += text_of(fields.raw());
  }
  return name.empty() ? changed : Message().text(2, name).bytes() + changed;
}

// A port or a note on a tensor whose dimension at `place` is the batch.
std::string free_port(Bytes port, const Place& place, const std::string& dimension) {
  const auto in_shape = [&](Bytes shape) {
    std::size_t axis = 0;
    return with(shape, 1, [&](Bytes one) {
      if (axis++ != place.axis) return std::string(text_of(one));
      return free_dimension(one, place.alone() ? dimension : "");
    });
  };
  const auto in_tensor = [&](Bytes tensor) { return with(tensor, 2, in_shape); };
  const auto in_type = [&](Bytes type) { return with(type, 1, in_tensor); };
  return with(port, 2, in_type);
}

std::string with_inputs(Bytes node, const std::map<std::size_t, std::string>& inputs) {
  std::size_t index = 0;
  return with(node, node_field::kInput, [&](Bytes input) {
    const auto found = inputs.find(index++);
    return found == inputs.end() ? std::string(text_of(input)) : found->second;
  });
}

// Lists of attributes are replaced as a whole.
std::string with_lists(Bytes node, const std::map<std::string, Integers>& lists) {
  return with(node, node_field::kAttribute, [&](Bytes attribute) {
    const auto found = lists.find(text_in(attribute, 1));
    return found == lists.end() ? std::string(text_of(attribute))
                                : tiny::attribute(found->first, found->second).bytes();
  });
}

class Writer {
 public:
  Writer(const Graph& graph, const Flow& flow, std::string dimension)
      : graph_(graph), flow_(flow), changes_(flow.changes()), dimension_(std::move(dimension)) {
    find_unused();
  }

  // Of all fields of the graph; how many bytes they have.
  void add_graph(Bytes message, const std::string& batch_input) {
    for (const Message& constant : changes_.constants) add(Message().message(graph_field::kNode, constant).bytes());
    if (changes_.needs_batch) add_batch(batch_input);
    for (Fields fields(message); fields.next();) add_field(fields);
  }

  struct Piece {
    std::string made;
    Bytes kept;
    std::size_t size() const { return kept.empty() ? made.size() : kept.size(); }
  };
  std::vector<Piece>& pieces() { return pieces_; }
  std::uint64_t size() const { return size_; }

 private:
  // Constants that nothing uses once the nodes have other inputs.
  void find_unused() {
    std::set<std::string> used(graph_.outputs.begin(), graph_.outputs.end());
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto changed = changes_.inputs.find(i);
      for (std::size_t j = 0; j < graph_.nodes[i].inputs.size(); ++j) {
        if (changed == changes_.inputs.end() || !changed->second.contains(j)) used.insert(graph_.nodes[i].inputs[j]);
      }
    }
    for (const auto& [index, inputs] : changes_.inputs) {
      const auto before = changes_.before.find(index);
      for (const auto& [input, name] : inputs) {
        const std::string& old = graph_.nodes[index].inputs[input];
        if (before == changes_.before.end() && graph_.weights.contains(old) && !used.contains(old)) unused_.insert(old);
      }
    }
  }

  void add_batch(const std::string& input) {
    const std::string shape = flow_.prefix() + "shape", first = flow_.prefix() + "first";
    const std::string zero(sizeof(std::int64_t), '\0');
    const Message tensor = Message().integer(1, 1).integer(2, tiny::kInt64).text(9, zero);
    const Message value = Message().text(1, "value").message(5, tensor).integer(20, 4);
    for (const Message& node : {tiny::node("Constant", {}, {first}, {value}), tiny::node("Shape", {input}, {shape}),
                                tiny::node("Gather", {shape, first}, {flow_.batch_name()})})
      add(Message().message(graph_field::kNode, node).bytes());
  }

  void add_field(const Fields& field) {
    switch (field.number()) {
      case graph_field::kNode: return add_node(field);
      case graph_field::kInitializer:
        if (!unused_.contains(text_in(field.bytes(), 8))) keep(field.raw());
        return;
      case graph_field::kInput:
        if (unused_.contains(text_in(field.bytes(), 1))) return;
        return add_port(field);
      case graph_field::kOutput:
      case graph_field::kValueInfo: return add_port(field);
      default: return keep(field.raw());
    }
  }

  void add_node(const Fields& field) {
    const std::size_t index = node_++;
    const Node& node = graph_.nodes[index];
    if (node.op == "Constant" && !node.outputs.empty() && unused_.contains(node.outputs.front())) return;
    if (const auto before = changes_.before.find(index); before != changes_.before.end()) {
      for (const Message& one : before->second) add(Message().message(graph_field::kNode, one).bytes());
    }
    const auto inputs = changes_.inputs.find(index);
    const auto lists = changes_.attributes.find(index);
    if (inputs == changes_.inputs.end() && lists == changes_.attributes.end()) return keep(field.raw());
    std::string changed(text_of(field.bytes()));
    if (inputs != changes_.inputs.end()) changed = with_inputs(std::as_bytes(std::span(changed)), inputs->second);
    if (lists != changes_.attributes.end()) changed = with_lists(std::as_bytes(std::span(changed)), lists->second);
    add(Message().text(graph_field::kNode, changed).bytes());
  }

  void add_port(const Fields& field) {
    const Place* place = flow_.place(text_in(field.bytes(), 1));
    if (place == nullptr) return keep(field.raw());
    add(Message().text(field.number(), free_port(field.bytes(), *place, dimension_)).bytes());
  }

  void keep(Bytes piece) {
    size_ += piece.size();
    pieces_.push_back({{}, piece});
  }

  void add(std::string piece) {
    size_ += piece.size();
    pieces_.push_back({std::move(piece), {}});
  }

  const Graph& graph_;
  const Flow& flow_;
  const Changes& changes_;
  const std::string dimension_;
  std::set<std::string> unused_;
  std::size_t node_ = 0;
  std::uint64_t size_ = 0;
  std::vector<Piece> pieces_;
};

}  // namespace

void rewrite(Bytes model, const Graph& graph, const Flow& flow, const std::string& batch_input,
             const std::string& dimension, RebatchPlan& plan) {
  for (Fields fields(model); fields.next();) {
    if (fields.number() != model_field::kGraph) {
      plan.keep(fields.raw());
      continue;
    }
    Writer writer(graph, flow, dimension);
    writer.add_graph(fields.bytes(), batch_input);
    plan.add(field_head(model_field::kGraph, writer.size()));
    for (Writer::Piece& piece : writer.pieces())
      piece.kept.empty() ? plan.add(std::move(piece.made)) : plan.keep(piece.kept);
  }
}

}  // namespace pixmill::runtime::rebatch
