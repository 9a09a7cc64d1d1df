// Lists of whole numbers that are computed from shapes: which of their elements grow with the batch.
#include <algorithm>
#include <set>

#include "runtime/rebatch/flow.h"

namespace pixmill::runtime::rebatch {
namespace {

using Marks = std::vector<bool>;

constexpr std::size_t kLongestList = 4096;

Marks marks_of(const Flow& flow, const std::string& tensor) {
  const Marks& marks = flow.grows(tensor);
  if (!marks.empty()) return marks;
  return Marks(static_cast<std::size_t>(element_count(flow.shape(tensor))), false);
}

// -1 is the last of `count`.
std::size_t counted(std::int64_t index, std::size_t count) {
  const std::int64_t from_start = index < 0 ? index + static_cast<std::int64_t>(count) : index;
  return static_cast<std::size_t>(std::clamp<std::int64_t>(from_start, 0, static_cast<std::int64_t>(count)));
}

void follow_shape(Flow& flow) {
  const Place* place = flow.place(flow.node().input(0));
  if (place == nullptr) return;
  const std::size_t rank = flow.shape(flow.node().input(0)).size();
  const std::size_t start = counted(flow.node().integer("start", 0), rank);
  const std::size_t end = counted(flow.node().integer("end", static_cast<std::int64_t>(rank)), rank);
  Marks marks(rank, false);
  marks[place->axis] = true;
  if (end > start)
    flow.put_growing(flow.output(), {marks.begin() + static_cast<std::ptrdiff_t>(start),
                                     marks.begin() + static_cast<std::ptrdiff_t>(end)});
}

// Elements picked by a constant: [] where they are not known.
Marks gathered(const Flow& flow, const Marks& marks) {
  Marks picked;
  const Integers* indices = flow.constant(flow.node().input(1));
  if (indices == nullptr) return picked;
  for (const std::int64_t index : *indices) {
    const std::size_t at = counted(index, marks.size());
    picked.push_back(at < marks.size() && marks[at]);
  }
  return picked;
}

Marks sliced(const Flow& flow, const Marks& marks) {
  const Node& node = flow.node();
  const auto first = [&](const char* attribute, std::size_t input) -> const Integers* {
    return flow.opset() < 10 ? node.integers(attribute) : flow.constant(node.input(input));
  };
  const Integers *starts = first("starts", 1), *ends = first("ends", 2);
  if (starts == nullptr || ends == nullptr || starts->size() != 1 || ends->size() != 1) return {};
  const Integers* steps = flow.opset() < 10 ? nullptr : flow.constant(node.input(4));
  if (steps != nullptr && *steps != Integers{1}) return {};
  const std::size_t start = counted(starts->front(), marks.size()), end = counted(ends->front(), marks.size());
  if (start >= end) return {};
  return {marks.begin() + static_cast<std::ptrdiff_t>(start), marks.begin() + static_cast<std::ptrdiff_t>(end)};
}

Marks joined(const Flow& flow) {
  Marks all;
  for (const std::string& input : flow.node().inputs) {
    const Marks marks = marks_of(flow, input);
    all.insert(all.end(), marks.begin(), marks.end());
  }
  return all;
}

Marks element_by_element(const Flow& flow, std::size_t size) {
  Marks all(size, false);
  for (const std::string& input : flow.node().inputs) {
    if (input.empty()) continue;
    const Marks marks = marks_of(flow, input);
    const bool any = std::find(marks.begin(), marks.end(), true) != marks.end();
    for (std::size_t i = 0; i < size; ++i) all[i] = all[i] || (marks.size() == size ? marks[i] : any);
  }
  return all;
}

}  // namespace

bool follow_lists(Flow& flow) {
  const Node& node = flow.node();
  if (node.op == "Shape") {
    follow_shape(flow);
    return true;
  }
  if (node.op == "Size") {
    if (flow.place(node.input(0)) != nullptr) flow.put_growing(flow.output(), {true});
    return true;
  }
  static const std::set<std::string> makers = {"ConstantOfShape", "Reshape", "Expand", "Tile", "Resize", "Range"};
  if (makers.contains(node.op) && !flow.any_grows(node.input(0))) return false;
  if (node.op == "ConstantOfShape" || node.op == "Range") return false;
  bool grows = false;
  for (const std::string& input : node.inputs) {
    if (flow.place(input) != nullptr) return false;
    grows = grows || flow.any_grows(input);
  }
  if (!grows) return false;
  for (const std::string& output : node.outputs) {
    const auto size = static_cast<std::size_t>(element_count(flow.shape(output)));
    if (size > kLongestList) flow.forbid("it makes a large tensor of the batch's size");
    Marks marks;
    if (node.op == "Gather") marks = gathered(flow, marks_of(flow, node.input(0)));
    if (node.op == "Slice") marks = sliced(flow, marks_of(flow, node.input(0)));
    if (node.op == "Concat") marks = joined(flow);
    if (marks.size() != size) marks = element_by_element(flow, size);
    flow.put_growing(output, std::move(marks));
  }
  return true;
}

}  // namespace pixmill::runtime::rebatch
