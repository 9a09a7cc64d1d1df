#include "runtime/rebatch/flow.h"

#include <algorithm>
#include <utility>

namespace pixmill::runtime::rebatch {
namespace {

using tiny::Message;
using tiny::node;

std::string text_of(const Integers& list) {
  std::string text = "[";
  for (const std::int64_t number : list) text += (text.size() > 1 ? ", " : "") + std::to_string(number);
  return text + "]";
}

// A node that makes a constant of whole numbers or of marks.
Message constant_node(const std::string& name, int type, std::size_t count, std::string_view bytes) {
  Message tensor;
  tensor.integer(1, static_cast<std::int64_t>(count)).integer(2, type).text(9, bytes);
  constexpr int kTensor = 4;
  const Message value = Message().text(1, "value").message(5, tensor).integer(20, kTensor);
  return node("Constant", {}, {name}, {value});
}

}  // namespace

std::string unused_prefix(const Graph& graph) {
  std::string prefix = "pixmill_";
  const auto taken = [&] {
    const auto next = graph.names.lower_bound(prefix);
    return next != graph.names.end() && next->starts_with(prefix);
  };
  while (taken()) prefix += "_";
  return prefix;
}

Flow::Flow(const Graph& graph, const Observed& observed, Guess guess)
    : graph_(graph), observed_(observed), guess_(guess), prefix_(unused_prefix(graph)) {}

void Flow::run(const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) put(input, {});
  for (index_ = 0; index_ < graph_.nodes.size(); ++index_) {
    const auto& attributes = node().attributes;
    if (std::any_of(attributes.begin(), attributes.end(), [](const auto& entry) { return entry.second.graph; }))
      forbid("it runs a graph of its own, which pixmill does not follow");
    if (!follow_lists(*this)) apply_rule(*this);
  }
  check_outputs();
}

void Flow::check_outputs() const {
  for (const std::string& output : graph_.outputs) {
    const Place* found = place(output);
    std::string why;
    if (found == nullptr) {
      why = "its output '" + output + "' has no dimension for the pictures of a batch";
    } else if (found->axis != 0 || !found->alone()) {
      why = "its output '" + output + "' has the pictures of a batch in dimension " + std::to_string(found->axis) +
            (found->alone() ? "" : ", merged with other values");
    } else {
      continue;
    }
    const auto maker = std::find_if(graph_.nodes.begin(), graph_.nodes.end(), [&](const Node& one) {
      return std::find(one.outputs.begin(), one.outputs.end(), output) != one.outputs.end();
    });
    throw maker == graph_.nodes.end() ? BatchObstacle{"", "", why} : BatchObstacle{maker->name, maker->op, why};
  }
}

const Place* Flow::place(const std::string& tensor) const {
  const auto found = places_.find(tensor);
  return found == places_.end() ? nullptr : &found->second;
}

const Integers& Flow::shape(const std::string& tensor) const {
  if (const auto found = observed_.shapes.find(tensor); found != observed_.shapes.end()) return found->second;
  if (const auto found = graph_.weights.find(tensor); found != graph_.weights.end()) return found->second;
  forbid("the shape of '" + tensor + "' is not known");
}

const Integers* Flow::constant(const std::string& tensor) const {
  const auto found = graph_.constants.find(tensor);
  return found == graph_.constants.end() ? nullptr : &found->second;
}

const Integers* Flow::value(const std::string& tensor) const {
  if (const Integers* list = constant(tensor)) return list;
  const auto found = observed_.values.find(tensor);
  return found == observed_.values.end() ? nullptr : &found->second;
}

const std::vector<bool>& Flow::grows(const std::string& tensor) const {
  static const std::vector<bool> none;
  const auto found = growing_.find(tensor);
  return found == growing_.end() ? none : found->second;
}

const std::string& Flow::output(std::size_t index) const {
  static const std::string none;
  return index < node().outputs.size() ? node().outputs[index] : none;
}

std::size_t Flow::axis(std::int64_t axis, std::size_t rank) const {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < -count || axis > count) forbid("its axis is out of range");
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

void Flow::put(const std::string& tensor, Place place) {
  if (tensor.empty()) return;
  const Integers& extents = shape(tensor);
  if (place.axis >= extents.size() || extents[place.axis] != place.outer * batch() * place.inner)
    forbid("the batch is not where it should come out of this operator");
  places_[tensor] = place;
}

void Flow::put_growing(const std::string& tensor, std::vector<bool> which) {
  if (std::find(which.begin(), which.end(), true) != which.end()) growing_[tensor] = std::move(which);
}

void Flow::forbid(std::string why) const {
  throw BatchObstacle{node().name, node().op, std::move(why)};
}

void Flow::replace(std::size_t index, const Integers& list) {
  const Integers* old = constant(node().input(index));
  say((old != nullptr ? text_of(*old) : "a computed list") + " -> " + text_of(list));
  use(index, add_constant(list));
}

void Flow::replace_attribute(const std::string& attribute, const Integers& list) {
  const Integers* old = node().integers(attribute);
  say(attribute + " " + (old != nullptr ? text_of(*old) : "") + " -> " + text_of(list));
  changes_.attributes[index_][attribute] = list;
}

void Flow::fill_in_batch(std::size_t index, std::size_t axis, std::int64_t factor) {
  if (opset() < 9) forbid("it needs the operator Where, which came with opset 9");
  const std::string& list = node().input(index);
  const auto length = static_cast<std::size_t>(element_count(shape(list)));
  const std::string mask = add_mark(length, axis), value = batch_times(factor), filled = new_name();
  changes_.before[index_].push_back(tiny::node("Where", {mask, value, list}, {filled}));
  say("element " + std::to_string(axis) + " of its shape becomes the size of the batch" +
      (factor == 1 ? "" : " times " + std::to_string(factor)));
  use(index, filled);
}

void Flow::spread(std::size_t index, std::size_t axis) {
  if (opset() < 9) forbid("it needs the operator Where, which came with opset 9");
  const std::string tensor = node().input(index);
  const std::size_t rank = shape(tensor).size();
  const std::string mask = add_mark(rank, axis), ones = add_constant(Integers(rank, 1));
  const std::string filled = new_name(), wide = new_name();
  const std::string batch = batch_times(1);
  auto& before = changes_.before[index_];
  before.push_back(tiny::node("Where", {mask, batch, ones}, {filled}));
  before.push_back(tiny::node("Expand", {tensor, filled}, {wide}));
  say("'" + tensor + "' is repeated for each picture of the batch");
  use(index, wide);
}

std::string Flow::new_name() {
  return prefix_ + std::to_string(++names_);
}

std::string Flow::add_constant(const Integers& list) {
  std::string name = new_name();
  const std::string_view bytes(reinterpret_cast<const char*>(list.data()), list.size() * sizeof(std::int64_t));
  changes_.constants.push_back(constant_node(name, tiny::kInt64, list.size(), bytes));
  return name;
}

std::string Flow::add_mark(std::size_t length, std::size_t at) {
  std::string name = new_name(), marks(length, '\0');
  marks[at] = 1;
  constexpr int kBool = 9;
  changes_.constants.push_back(constant_node(name, kBool, length, marks));
  return name;
}

std::string Flow::batch_times(std::int64_t factor) {
  changes_.needs_batch = true;
  if (factor == 1) return batch_name();
  const std::string times = add_constant({factor});
  std::string product = new_name();
  changes_.before[index_].push_back(tiny::node("Mul", {batch_name(), times}, {product}));
  return product;
}

void Flow::use(std::size_t index, const std::string& name) {
  changes_.inputs[index_][index] = name;
}

void Flow::say(std::string what) {
  const std::string name = node().name.empty() ? output() : node().name;
  changes_.words.push_back(node().op + " '" + name + "': " + std::move(what));
}

}  // namespace pixmill::runtime::rebatch
