// How operators treat the batch. Where it may not go is said here; that the pictures of a batch really do not meet is
// for whoever runs the result to find out.
#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "runtime/rebatch/flow.h"

namespace pixmill::runtime::rebatch {
namespace {

std::size_t rank(const Flow& flow, const std::string& tensor) {
  return flow.shape(tensor).size();
}

// The inputs that carry the batch, by index.
std::vector<std::size_t> carriers(const Flow& flow) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < flow.node().inputs.size(); ++i) {
    if (flow.place(flow.node().inputs[i]) != nullptr) found.push_back(i);
  }
  return found;
}

void only_the_first_carries(const Flow& flow) {
  for (const std::size_t index : carriers(flow)) {
    if (index > 0) flow.forbid("its input '" + flow.node().inputs[index] + "' differs from picture to picture");
  }
}

// The place in all outputs, as it is in the first input.
void keep(Flow& flow, const Place& place) {
  for (const std::string& output : flow.node().outputs) {
    if (!output.empty()) flow.put(output, place);
  }
}

// Operators of which the first dimension is the batch.
void first_dimension(Flow& flow) {
  only_the_first_carries(flow);
  const Place place = *flow.place(flow.node().input(0));
  if (place.axis != 0)
    flow.forbid("the pictures of a batch reach it in dimension " + std::to_string(place.axis) + ", not 0");
  keep(flow, place);
}

void same_as_first(Flow& flow) {
  only_the_first_carries(flow);
  keep(flow, *flow.place(flow.node().input(0)));
}

// Shapes are aligned at their last dimensions, as NumPy does; `skipped` of these belong to the operator.
void broadcast_of(Flow& flow, const std::vector<std::size_t>& inputs) {
  const std::size_t out = rank(flow, flow.output());
  std::optional<Place> result;
  for (const std::size_t index : inputs) {
    const Place* place = flow.place(flow.node().input(index));
    if (place == nullptr) continue;
    Place aligned = *place;
    aligned.axis += out - rank(flow, flow.node().input(index));
    if (result && *result != aligned) flow.forbid("it joins pictures of a batch that lie in different dimensions");
    result = aligned;
  }
  if (!result) return;
  for (const std::size_t index : inputs) {
    const std::string& input = flow.node().input(index);
    if (input.empty() || flow.place(input) != nullptr) continue;
    const Integers& shape = flow.shape(input);
    const std::size_t missing = out - shape.size();
    if (result->axis >= missing && shape[result->axis - missing] != 1)
      flow.forbid("its input '" + input + "' has values for " + std::to_string(flow.batch()) +
                  (flow.batch() == 1 ? " picture" : " pictures"));
  }
  keep(flow, *result);
}

void elementwise(Flow& flow) {
  std::vector<std::size_t> all(flow.node().inputs.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  broadcast_of(flow, all);
}

void matrix_product(Flow& flow, std::size_t second) {
  const Node& node = flow.node();
  const std::size_t ranks[2] = {rank(flow, node.input(0)), rank(flow, node.input(second))};
  if (ranks[0] < 2 || ranks[1] < 2) flow.forbid("it multiplies a vector");
  for (const std::size_t index : carriers(flow)) {
    if (index != 0 && index != second) flow.forbid("its scale differs from picture to picture");
  }
  const Place *a = flow.place(node.input(0)), *b = flow.place(node.input(second));
  if ((a != nullptr && a->axis + 1 == ranks[0]) || (b != nullptr && b->axis + 2 == ranks[1]))
    flow.forbid("it adds up over the pictures of a batch");
  const std::size_t out = rank(flow, flow.output());
  if (a != nullptr && a->axis + 2 == ranks[0]) {
    if (b != nullptr) flow.forbid("it multiplies each picture of a batch with each other one");
    keep(flow, {out - 2, a->outer, a->inner});
  } else if (b != nullptr && b->axis + 1 == ranks[1]) {
    if (a != nullptr) flow.forbid("it multiplies each picture of a batch with each other one");
    keep(flow, {out - 1, b->outer, b->inner});
  } else {
    broadcast_of(flow, {0, second});
  }
}

void gemm(Flow& flow) {
  const Node& node = flow.node();
  const Place* place = flow.place(node.input(0));
  if (place == nullptr || flow.place(node.input(1)) != nullptr)
    flow.forbid("its weights differ from picture to picture");
  if ((place->axis == 0) == (node.integer("transA", 0) != 0)) flow.forbid("it adds up over the pictures of a batch");
  if (const std::string& added = node.input(2); !added.empty() && flow.place(added) == nullptr) {
    const Integers& shape = flow.shape(added);
    if (shape.size() == 2 && shape[0] != 1)
      flow.forbid("what it adds ('" + added + "') has rows for " + std::to_string(shape[0]) + " pictures");
  }
  keep(flow, {0, place->outer, place->inner});
}

// From the attribute or, in later opsets, from the input of that index. Nothing: all dimensions.
std::optional<std::vector<std::size_t>> axes_of(const Flow& flow, std::size_t input) {
  const Integers* axes = flow.node().integers("axes");
  if (axes == nullptr) axes = flow.value(flow.node().input(input));
  if (axes == nullptr) return std::nullopt;
  std::vector<std::size_t> found;
  for (const std::int64_t axis : *axes) found.push_back(flow.axis(axis, rank(flow, flow.node().input(0))));
  return found;
}

// A mean over one picture and its pixels is that of the pixels: the batch goes from the axes.
void reduce_without_batch(Flow& flow, const std::vector<std::size_t>& axes, const Place& place) {
  Integers others;
  for (const std::size_t axis : axes) {
    if (axis != place.axis) others.push_back(static_cast<std::int64_t>(axis));
  }
  if (flow.node().integers("axes") != nullptr) {
    flow.replace_attribute("axes", others);
  } else {
    flow.replace(1, others);
  }
  keep(flow, place);
}

void reduction(Flow& flow) {
  only_the_first_carries(flow);
  Place place = *flow.place(flow.node().input(0));
  const auto axes = axes_of(flow, 1);
  const bool keeps = flow.node().integer("keepdims", 1) != 0;
  if (axes && axes->size() > 1 && keeps && flow.batch() == 1 && place.alone() &&
      std::find(axes->begin(), axes->end(), place.axis) != axes->end())
    return reduce_without_batch(flow, *axes, place);
  const bool all = !axes || axes->empty();
  if (all && flow.node().integer("noop_with_empty_axes", 0) != 0) return keep(flow, place);
  if (all || std::find(axes->begin(), axes->end(), place.axis) != axes->end())
    flow.forbid("it puts the pictures of a batch together (dimension " + std::to_string(place.axis) + ")");
  if (!keeps) {
    place.axis -= static_cast<std::size_t>(
        std::count_if(axes->begin(), axes->end(), [&](std::size_t axis) { return axis < place.axis; }));
  }
  keep(flow, place);
}

// One axis that may not be the batch's; `removes`: it is gone from the output.
void along_axis(Flow& flow, std::int64_t fallback, bool removes = false) {
  only_the_first_carries(flow);
  Place place = *flow.place(flow.node().input(0));
  const std::size_t axis = flow.axis(flow.node().integer("axis", fallback), rank(flow, flow.node().input(0)));
  if (axis == place.axis) flow.forbid("it works along dimension " + std::to_string(axis) + ", which is the batch");
  if (removes && axis < place.axis) --place.axis;
  keep(flow, place);
}

// Everything from `axis` on is one.
void from_axis(Flow& flow, std::int64_t fallback) {
  only_the_first_carries(flow);
  const Place place = *flow.place(flow.node().input(0));
  if (flow.axis(flow.node().integer("axis", fallback), rank(flow, flow.node().input(0))) <= place.axis)
    flow.forbid("it puts the pictures of a batch together");
  keep(flow, place);
}

void softmax(Flow& flow) {
  flow.opset() < 13 ? from_axis(flow, 1) : along_axis(flow, -1);
}

void transpose(Flow& flow) {
  Place place = *flow.place(flow.node().input(0));
  const std::size_t dimensions = rank(flow, flow.node().input(0));
  const Integers* order = flow.node().integers("perm");
  std::size_t to = dimensions - 1 - place.axis;
  if (order != nullptr) {
    to = static_cast<std::size_t>(std::find(order->begin(), order->end(), static_cast<std::int64_t>(place.axis)) -
                                  order->begin());
  }
  if (to >= dimensions) flow.forbid("its order of dimensions is damaged");
  place.axis = to;
  keep(flow, place);
}

void concat(Flow& flow) {
  const std::vector<std::size_t> with = carriers(flow);
  const Place place = *flow.place(flow.node().inputs[with.front()]);
  const std::size_t axis = flow.axis(flow.node().integer("axis", 1), rank(flow, flow.output()));
  if (axis == place.axis) flow.forbid("it appends to the batch, in dimension " + std::to_string(axis));
  for (std::size_t i = 0; i < flow.node().inputs.size(); ++i) {
    const Place* own = flow.place(flow.node().inputs[i]);
    if (own != nullptr && *own != place) flow.forbid("it joins pictures of a batch that lie in different dimensions");
    if (own != nullptr) continue;
    if (!place.alone() || flow.batch() != 1)
      flow.forbid("its input '" + flow.node().inputs[i] + "' has values for a fixed number of pictures");
    flow.spread(i, place.axis);
  }
  keep(flow, place);
}

void gather(Flow& flow) {
  const Node& node = flow.node();
  const std::size_t axis = flow.axis(node.integer("axis", 0), rank(flow, node.input(0)));
  const Place *data = flow.place(node.input(0)), *indices = flow.place(node.input(1));
  if (data != nullptr && indices != nullptr) flow.forbid("it takes other values from each picture of a batch");
  if (indices != nullptr) return keep(flow, {axis + indices->axis, indices->outer, indices->inner});
  if (data == nullptr || data->axis == axis) flow.forbid("it takes single pictures out of the batch");
  Place place = *data;
  if (axis < place.axis) place.axis += rank(flow, node.input(1)) - 1;
  keep(flow, place);
}

// A slice of the whole batch that says so by its end (1 of 1) is told to take all.
void slice(Flow& flow) {
  only_the_first_carries(flow);
  const Node& node = flow.node();
  const Place place = *flow.place(node.input(0));
  if (flow.shape(flow.output())[place.axis] != flow.shape(node.input(0))[place.axis])
    flow.forbid("it takes a part of the batch");
  const bool attributes = flow.opset() < 10;
  const Integers* ends = attributes ? node.integers("ends") : flow.constant(node.input(2));
  const Integers* axes = attributes ? node.integers("axes") : flow.constant(node.input(3));
  keep(flow, place);
  if (ends == nullptr) return;
  for (std::size_t i = 0; i < ends->size(); ++i) {
    const std::size_t axis = axes != nullptr && i < axes->size() ? flow.axis((*axes)[i], rank(flow, node.input(0))) : i;
    if (axis != place.axis || (*ends)[i] > std::numeric_limits<std::int32_t>::max() / 2) continue;
    if (attributes) flow.forbid("it takes the first " + std::to_string((*ends)[i]) + " of the batch");
    Integers whole = *ends;
    whole[i] = std::numeric_limits<std::int32_t>::max();
    flow.replace(2, whole);
  }
}

// "nchw,nc->nhw": the letter that stands for the batch.
void einsum(Flow& flow) {
  std::string equation = flow.node().attributes.contains("equation") ? flow.node().attributes.at("equation").text : "";
  std::erase(equation, ' ');
  const std::size_t arrow = equation.find("->");
  if (arrow == std::string::npos || equation.find('.') != std::string::npos)
    flow.forbid("pixmill does not follow its equation");
  char letter = 0;
  std::size_t start = 0;
  Place place;
  for (std::size_t i = 0; i < flow.node().inputs.size(); ++i) {
    const std::size_t end = std::min(equation.find(',', start), arrow);
    const Place* own = flow.place(flow.node().inputs[i]);
    if (own != nullptr && start + own->axis < end) {
      const char one = equation[start + own->axis];
      if (letter != 0 && one != letter) flow.forbid("it multiplies each picture of a batch with each other one");
      letter = one;
      place = *own;
    }
    start = end + 1;
  }
  const std::size_t at = equation.find(letter, arrow);
  if (letter == 0 || at == std::string::npos) flow.forbid("it adds up over the pictures of a batch");
  keep(flow, {at - arrow - 2, place.outer, place.inner});
}

void meets(Flow& flow) {
  flow.forbid("it takes one range of values for all pictures of a batch, so they would change each other's results");
}

void names_pictures(Flow& flow) {
  flow.forbid("its rows name pictures of the batch by number, so their count is not the batch");
}

// An operator that the table does not have: the batch stays where it is, if the shapes allow that.
void unknown(Flow& flow) {
  const std::vector<std::size_t> with = carriers(flow);
  const std::string& first = flow.node().inputs[with.front()];
  const Place place = *flow.place(first);
  for (const std::string& output : flow.node().outputs) {
    if (output.empty()) continue;
    const Integers& shape = flow.shape(output);
    if (shape.size() != rank(flow, first) || shape[place.axis] != flow.shape(first)[place.axis])
      flow.forbid("pixmill does not know where this operator puts the batch");
    flow.put(output, place);
  }
}

using Rule = std::function<void(Flow&)>;

const std::map<std::string_view, Rule>& rules() {
  static const std::map<std::string_view, Rule> table = [] {
    std::map<std::string_view, Rule> all;
    for (const char* op :
         {"Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "FusedConv", "MaxPool", "AveragePool", "LpPool",
          "GlobalAveragePool", "GlobalMaxPool", "BatchNormalization", "InstanceNormalization", "GroupNormalization",
          "LRN", "DepthToSpace", "SpaceToDepth", "Upsample", "QLinearAveragePool", "QLinearGlobalAveragePool"})
      all[op] = first_dimension;
    for (const char* op : {"QuantizeLinear", "DequantizeLinear", "Pad", "Dropout", "LayerNormalization", "Cast"})
      all[op] = same_as_first;
    for (const char* op : {"Add",
                           "Sub",
                           "Mul",
                           "Div",
                           "Pow",
                           "Mod",
                           "Min",
                           "Max",
                           "Sum",
                           "Mean",
                           "And",
                           "Or",
                           "Xor",
                           "Equal",
                           "Greater",
                           "Less",
                           "GreaterOrEqual",
                           "LessOrEqual",
                           "Where",
                           "PRelu",
                           "Clip"})
      all[op] = elementwise;
    for (const char* op : {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
                           "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"})
      all[op] = reduction;
    for (const char* op : {"Softmax", "LogSoftmax", "Hardmax"}) all[op] = softmax;
    for (const char* op : {"NonMaxSuppression", "NonZero", "Unique", "GatherND", "ScatterND", "RoiAlign"})
      all[op] = names_pictures;
    all["LayerNormalization"] = [](Flow& flow) { from_axis(flow, -1); };
    all["DynamicQuantizeLinear"] = meets;
    all["MatMul"] = all["MatMulInteger"] = [](Flow& flow) { matrix_product(flow, 1); };
    all["QLinearMatMul"] = [](Flow& flow) { matrix_product(flow, 3); };
    all["Gemm"] = gemm;
    all["ArgMax"] = all["ArgMin"] = [](Flow& flow) { along_axis(flow, 0, flow.node().integer("keepdims", 1) == 0); };
    all["TopK"] = [](Flow& flow) { along_axis(flow, -1); };
    all["Split"] = [](Flow& flow) { along_axis(flow, 0); };
    all["LpNormalization"] = [](Flow& flow) { along_axis(flow, -1); };
    all["Transpose"] = transpose;
    all["Concat"] = concat;
    all["Gather"] = gather;
    all["Slice"] = slice;
    all["Einsum"] = einsum;
    return all;
  }();
  return table;
}

}  // namespace

void apply_rule(Flow& flow) {
  if (apply_shape_rule(flow) || carriers(flow).empty()) return;
  const auto rule = rules().find(flow.node().op);
  rule == rules().end() ? unknown(flow) : rule->second(flow);
}

}  // namespace pixmill::runtime::rebatch
