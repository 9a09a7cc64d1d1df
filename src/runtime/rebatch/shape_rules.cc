// Operators that are told a shape, in which a fixed batch may stand.
#include <algorithm>
#include <set>

#include "runtime/rebatch/flow.h"

namespace pixmill::runtime::rebatch {
namespace {

std::int64_t product(const Integers& shape, std::size_t count) {
  return element_count(std::span(shape).first(count));
}

// Where the batch may lie in `shape` once the values, in their order in memory, are seen with these dimensions.
std::vector<Place> places_in(const Integers& shape, const Integers& before, const Place& place, std::int64_t batch) {
  const std::int64_t ahead = product(before, place.axis) * place.outer;
  std::vector<Place> found;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const std::int64_t prefix = product(shape, axis);
    if (prefix == 0 || ahead % prefix != 0) continue;
    const std::int64_t outer = ahead / prefix;
    if (outer == 0 || shape[axis] % (outer * batch) != 0) continue;
    found.push_back({axis, outer, shape[axis] / (outer * batch)});
  }
  return found;
}

bool grows_at(const Flow& flow, const std::string& list, std::size_t axis) {
  const auto& marks = flow.grows(list);
  return axis < marks.size() && marks[axis];
}

// Whether the list of a Reshape makes room for the batch there as it stands.
bool takes_any(const Flow& flow, const Place& place, const Integers& list, bool zero_copies, const Place& before) {
  if (grows_at(flow, flow.node().input(1), place.axis) || list[place.axis] == -1) return true;
  return list[place.axis] == 0 && zero_copies && place == before;
}

// A batch that stays a dimension of its own comes first, then one that the list makes room for, then the guess.
Place best_of(const Flow& flow, const std::vector<Place>& places, const Integers& list, bool zero_copies,
              const Place& before) {
  const auto rank = [&](const Place& place) {
    const bool ready = place.axis < list.size() && takes_any(flow, place, list, zero_copies, before);
    const std::size_t usual = flow.guess() == Guess::same_dimension ? before.axis : 0;
    return (place.alone() ? 4 : 0) + (ready ? 2 : 0) + (place.axis == usual ? 1 : 0);
  };
  return *std::max_element(places.begin(), places.end(),
                           [&](const Place& a, const Place& b) { return rank(a) < rank(b); });
}

void reshape(Flow& flow) {
  const Node& node = flow.node();
  const Place* before = flow.place(node.input(0));
  if (before == nullptr) {
    if (flow.any_grows(node.input(1))) flow.forbid("it spreads values that are the same for all pictures over a batch");
    return;
  }
  const Integers* list = flow.value(node.input(1));
  if (list == nullptr) flow.forbid("its shape is not known");
  const Integers& after = flow.shape(flow.output());
  if (list->size() != after.size()) flow.forbid("its shape is not the one that it makes");
  const auto places = places_in(after, flow.shape(node.input(0)), *before, flow.batch());
  if (places.empty()) flow.forbid("it spreads the pictures of a batch over several dimensions");
  const bool zero_copies = node.integer("allowzero", 0) == 0;
  const Place place = best_of(flow, places, *list, zero_copies, *before);
  const Place from = *before;
  flow.put(flow.output(), place);
  if (takes_any(flow, place, *list, zero_copies, from)) return;
  const bool constant = flow.constant(node.input(1)) != nullptr;
  const bool free = std::find(list->begin(), list->end(), -1) == list->end() && !flow.any_grows(node.input(1));
  if (constant && (free || (zero_copies && place == from))) {
    Integers changed = *list;
    changed[place.axis] = free ? -1 : 0;
    flow.replace(1, changed);
  } else {
    flow.fill_in_batch(1, place.axis, place.outer * place.inner);
  }
}

void flatten(Flow& flow) {
  const Place* before = flow.place(flow.node().input(0));
  if (before == nullptr) return;
  const Integers& shape = flow.shape(flow.node().input(0));
  const std::size_t to = before->axis < flow.axis(flow.node().integer("axis", 1), shape.size()) ? 0 : 1;
  for (const Place& place : places_in(flow.shape(flow.output()), shape, *before, flow.batch())) {
    if (place.axis == to) return flow.put(flow.output(), place);
  }
  flow.forbid("it spreads the pictures of a batch over several dimensions");
}

// Axes that Squeeze removes and Unsqueeze adds.
Integers axes_of(const Flow& flow, std::size_t rank) {
  const Integers* axes = flow.node().integers("axes");
  if (axes == nullptr) axes = flow.value(flow.node().input(1));
  Integers found;
  if (axes != nullptr) {
    for (const std::int64_t axis : *axes) found.push_back(static_cast<std::int64_t>(flow.axis(axis, rank)));
  } else {
    const Integers& shape = flow.shape(flow.node().input(0));
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 1) found.push_back(static_cast<std::int64_t>(i));
    }
  }
  return found;
}

void squeeze(Flow& flow) {
  const Place* before = flow.place(flow.node().input(0));
  if (before == nullptr) return;
  Place place = *before;
  for (const std::int64_t axis : axes_of(flow, flow.shape(flow.node().input(0)).size())) {
    if (axis == static_cast<std::int64_t>(before->axis))
      flow.forbid("it removes the batch, dimension " + std::to_string(axis));
    if (axis < static_cast<std::int64_t>(before->axis)) --place.axis;
  }
  flow.put(flow.output(), place);
}

void unsqueeze(Flow& flow) {
  const Place* before = flow.place(flow.node().input(0));
  if (before == nullptr) return;
  Place place = *before;
  Integers axes = axes_of(flow, flow.shape(flow.output()).size());
  std::sort(axes.begin(), axes.end());
  for (const std::int64_t axis : axes) {
    if (axis <= static_cast<std::int64_t>(place.axis)) ++place.axis;
  }
  flow.put(flow.output(), place);
}

// The element of a list for a target's dimension, where the list is aligned at the last ones.
void expand(Flow& flow) {
  const Node& node = flow.node();
  const std::size_t out = flow.shape(flow.output()).size();
  const auto& marks = flow.grows(node.input(1));
  const std::size_t missing = out - static_cast<std::size_t>(element_count(flow.shape(node.input(1))));
  if (const Place* before = flow.place(node.input(0))) {
    Place place = *before;
    place.axis += out - flow.shape(node.input(0)).size();
    const Integers* list = flow.value(node.input(1));
    if (list == nullptr) flow.forbid("its shape is not known");
    flow.put(flow.output(), place);
    if (place.axis < missing || grows_at(flow, node.input(1), place.axis - missing)) return;
    if ((*list)[place.axis - missing] == 1) return;
    if (flow.constant(node.input(1)) == nullptr) flow.forbid("its shape fixes the batch");
    Integers changed = *list;
    changed[place.axis - missing] = 1;
    flow.replace(1, changed);
  } else if (const auto mark = std::find(marks.begin(), marks.end(), true); mark != marks.end()) {
    flow.put(flow.output(), {missing + static_cast<std::size_t>(mark - marks.begin())});
  }
}

void tile(Flow& flow) {
  const Node& node = flow.node();
  const auto& marks = flow.grows(node.input(1));
  if (const Place* before = flow.place(node.input(0))) {
    const Place place = *before;
    if (flow.shape(flow.output())[place.axis] != flow.shape(node.input(0))[place.axis])
      flow.forbid("it repeats the batch");
    flow.put(flow.output(), place);
  } else if (const auto mark = std::find(marks.begin(), marks.end(), true); mark != marks.end()) {
    flow.put(flow.output(), {static_cast<std::size_t>(mark - marks.begin())});
  }
}

void constant_of_shape(Flow& flow) {
  const auto& marks = flow.grows(flow.node().input(0));
  if (const auto mark = std::find(marks.begin(), marks.end(), true); mark != marks.end())
    flow.put(flow.output(), {static_cast<std::size_t>(mark - marks.begin())});
}

void range(Flow& flow) {
  for (const std::string& input : flow.node().inputs) {
    if (flow.any_grows(input)) flow.forbid("it counts the pictures of the batch");
  }
}

void resize(Flow& flow) {
  const Node& node = flow.node();
  const Place* before = flow.place(node.input(0));
  if (before == nullptr) return;
  const Place place = *before;
  if (flow.shape(flow.output())[place.axis] != flow.shape(node.input(0))[place.axis])
    flow.forbid("it enlarges the batch");
  flow.put(flow.output(), place);
  const std::string& sizes = node.input(3);
  const Integers* axes = node.integers("axes");
  if (sizes.empty() || axes != nullptr || grows_at(flow, sizes, place.axis)) return;
  flow.fill_in_batch(3, place.axis, place.outer * place.inner);
}

}  // namespace

bool apply_shape_rule(Flow& flow) {
  const std::string& op = flow.node().op;
  if (op == "Reshape")
    reshape(flow);
  else if (op == "Flatten")
    flatten(flow);
  else if (op == "Squeeze")
    squeeze(flow);
  else if (op == "Unsqueeze")
    unsqueeze(flow);
  else if (op == "Expand")
    expand(flow);
  else if (op == "Tile")
    tile(flow);
  else if (op == "ConstantOfShape")
    constant_of_shape(flow);
  else if (op == "Range")
    range(flow);
  else if (op == "Resize")
    resize(flow);
  else
    return false;
  return true;
}

}  // namespace pixmill::runtime::rebatch
