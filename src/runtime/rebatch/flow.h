// Where the batch goes in a graph, node by node, and what has to change so that it may have any size.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/runtime/rebatch.h"
#include "pixmill/runtime/tiny_model.h"
#include "runtime/rebatch/graph.h"

namespace pixmill::runtime::rebatch {

// The dimension of a tensor that grows with the batch: its extent is outer * batch * inner, in row-major order.
struct Place {
  std::size_t axis = 0;
  std::int64_t outer = 1, inner = 1;

  bool alone() const { return outer == 1 && inner == 1; }  // the dimension is the batch and nothing else
  bool operator==(const Place&) const = default;
};

// How the names of new tensors begin: none of the graph does.
std::string unused_prefix(const Graph& graph);

// What is known of one graph in one inference.
struct Observed {
  Shapes shapes;                           // of all tensors
  std::map<std::string, Integers> values;  // of computed shapes
  std::int64_t batch = 1;
};

// Dimensions of extent 1 look alike: which of them a Reshape means by the batch, where it may be several.
enum class Guess { same_dimension, first_dimension };

struct Changes {
  std::map<std::size_t, std::map<std::size_t, std::string>> inputs;   // by node and index: the new name
  std::map<std::size_t, std::map<std::string, Integers>> attributes;  // by node: lists that become others
  std::map<std::size_t, std::vector<tiny::Message>> before;           // by node: nodes that come before it
  std::vector<tiny::Message> constants;                               // nodes that make new constants
  bool needs_batch = false;                                           // the nodes use Flow::batch_name()
  std::vector<std::string> words;
};

class Flow {
 public:
  Flow(const Graph& graph, const Observed& observed, Guess guess);

  // `inputs` carry the batch in their first dimension. Throws BatchObstacle.
  void run(const std::vector<std::string>& inputs);

  const Changes& changes() const { return changes_; }
  const Place* place(const std::string& tensor) const;          // null: it has nothing to do with the batch
  std::string batch_name() const { return prefix_ + "batch"; }  // of a tensor i64 [1] with its size
  const std::string& prefix() const { return prefix_; }         // of all new names

  // For the rules of operators.
  const Node& node() const { return graph_.nodes[index_]; }
  std::int64_t opset() const { return graph_.opset; }
  std::int64_t batch() const { return observed_.batch; }
  Guess guess() const { return guess_; }
  const Integers& shape(const std::string& tensor) const;
  const Integers* constant(const std::string& tensor) const;  // null: computed, or no short list of whole numbers
  const Integers* value(const std::string& tensor) const;     // the same, or what it was in the inference
  // For each element of a short list whether it grows with the batch; empty where none does.
  const std::vector<bool>& grows(const std::string& tensor) const;
  bool any_grows(const std::string& tensor) const { return !grows(tensor).empty(); }
  const std::string& output(std::size_t index = 0) const;

  // Counted from the first one, where -1 is the last. Forbids what is out of range.
  std::size_t axis(std::int64_t axis, std::size_t rank) const;

  // Forbids a place that the shape of the tensor does not have.
  void put(const std::string& tensor, Place place);
  void put_growing(const std::string& tensor, std::vector<bool> which);
  [[noreturn]] void forbid(std::string why) const;

  // Changes of the node at hand. Input `index` becomes a constant list.
  void replace(std::size_t index, const Integers& list);
  void replace_attribute(const std::string& attribute, const Integers& list);
  // Element `axis` of the list at input `index` becomes the size of the batch, times `factor`.
  void fill_in_batch(std::size_t index, std::size_t axis, std::int64_t factor);
  // Input `index` becomes its broadcast: as often in dimension `axis` as there are pictures.
  void spread(std::size_t index, std::size_t axis);

 private:
  void check_outputs() const;
  std::string new_name();
  std::string add_constant(const Integers& list);
  std::string add_mark(std::size_t length, std::size_t at);  // of bool: true there, false elsewhere
  std::string batch_times(std::int64_t factor);
  void use(std::size_t index, const std::string& name);
  void say(std::string what);

  const Graph& graph_;
  const Observed& observed_;
  const Guess guess_;
  std::string prefix_;
  std::map<std::string, Place> places_;
  std::map<std::string, std::vector<bool>> growing_;
  std::size_t index_ = 0;
  int names_ = 0;
  Changes changes_;
};

// How the node that `flow` is at treats the batch.
void apply_rule(Flow& flow);

// The rules of nodes that make a new shape (Reshape, Flatten, Squeeze, Expand, Tile, Resize ...). False: not one of
// them.
bool apply_shape_rule(Flow& flow);

// Whether the node only computes with lists of whole numbers that grow with the batch; then their elements are known.
bool follow_lists(Flow& flow);

}  // namespace pixmill::runtime::rebatch
