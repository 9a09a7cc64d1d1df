#include "tasks/rules/evaluate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pixmill::tasks::rules {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

struct Measured {
  double value = kUnknown;
  double whole = 0;  // what 100% is
};

double ratio(double width, double height) {
  return height > 0 ? width / height : kUnknown;
}

double measured_or_unknown(float value) {
  return value < 0 ? kUnknown : value;
}

Measured measure(Trait trait, const RuleThing& thing, Size size) {
  const double width = thing.right - thing.left, height = thing.bottom - thing.top;
  switch (trait) {
    case Trait::area: return {thing.area, double(size.width) * size.height};
    case Trait::width: return {width, double(size.width)};
    case Trait::height: return {height, double(size.height)};
    case Trait::x: return {thing.left + width / 2, double(size.width)};
    case Trait::y: return {thing.top + height / 2, double(size.height)};
    case Trait::confidence: return {thing.confidence};
    case Trait::aspect: return {ratio(width, height)};
  }
  return {};
}

Measured measure(Property property, const RulePicture& picture) {
  const double width = picture.size.width, height = picture.size.height;
  switch (property) {
    case Property::width: return {width};
    case Property::height: return {height};
    case Property::pixels: return {width * height};
    case Property::aspect: return {ratio(width, height)};
    case Property::sharpness: return {measured_or_unknown(picture.quality.sharpness)};
    case Property::brightness: return {measured_or_unknown(picture.quality.brightness)};
  }
  return {};
}

// A percentage is compared as 100 x value with percent x whole: whole numbers of both give exact bounds.
bool within(const Measured& left, Operator how, const Limit& limit) {
  return limit.percent ? compare(left.value * 100, how, limit.value * left.whole)
                       : compare(left.value, how, limit.value);
}

class Evaluation {
 public:
  Evaluation(const Program& program, const RulePicture& picture) : program_(program), picture_(picture) {}

  // `thing`: of conditions of one thing.
  bool holds(Node node, const RuleThing* thing = nullptr) const {
    return std::visit([&](const auto& condition) { return is_true(condition, thing); }, program_.nodes[node]);
  }

  // Marks what the parts of the rule counted, where they are as they must be for the whole.
  void mark(Node node, bool wanted, std::vector<bool>& things) const {
    if (holds(node) != wanted) return;
    const Condition& condition = program_.nodes[node];
    if (const auto* negation = std::get_if<Negation>(&condition)) mark(negation->part, !wanted, things);
    if (const auto* junction = std::get_if<Junction>(&condition)) {
      for (const Node part : junction->parts) mark(part, wanted, things);
    }
    if (const auto* comparison = std::get_if<Comparison>(&condition)) {
      mark(comparison->left, things);
      mark(comparison->right, things);
    }
  }

 private:
  bool is_true(const Junction& junction, const RuleThing* thing) const {
    for (const Node part : junction.parts) {
      if (holds(part, thing) != junction.all) return !junction.all;
    }
    return junction.all;
  }

  bool is_true(const Negation& negation, const RuleThing* thing) const { return !holds(negation.part, thing); }

  bool is_true(const Comparison& comparison, const RuleThing*) const {
    const Measured left = measured(comparison.left);
    if (const auto* limit = std::get_if<Limit>(&comparison.right)) return within(left, comparison.compares, *limit);
    return compare(left.value, comparison.compares, measured(comparison.right).value);
  }

  bool is_true(const TraitComparison& comparison, const RuleThing* thing) const {
    return thing != nullptr &&
           within(measure(comparison.trait, *thing, picture_.size), comparison.compares, comparison.limit);
  }

  bool is_true(const NameIs& name, const RuleThing*) const {
    const std::string_view path = picture_.name;
    return (name.last_part ? path.substr(path.rfind('/') + 1) : path) == name.text;
  }

  bool is_true(const Glob& pattern, const RuleThing*) const { return pattern.matches(picture_.name); }

  bool is_true(const ChangedWithin& when, const RuleThing*) const {
    return (!when.from || *when.from <= picture_.changed) && (!when.to || picture_.changed < *when.to);
  }

  bool is_one_of(const Things& things, const RuleThing& thing) const {
    if (thing.confidence < things.confidence) return false;
    const ClassSet& set = program_.sets[things.classes];
    const auto label = static_cast<std::size_t>(thing.label);  // -1: none of them
    if (!set.all && (label >= set.has.size() || !set.has[label])) return false;
    return !things.condition || holds(*things.condition, &thing);
  }

  Measured measured(const Quantity& quantity) const {
    if (const auto* limit = std::get_if<Limit>(&quantity)) return {limit->value};
    if (const auto* property = std::get_if<Property>(&quantity)) return measure(*property, picture_);
    if (const auto* count = std::get_if<Count>(&quantity)) return {counted(*count)};
    const Things& things = std::get<TotalArea>(quantity).things;
    double total = 0;
    for (const RuleThing& thing : picture_.things) {
      if (is_one_of(things, thing)) total += thing.area;
    }
    return {total, double(picture_.size.width) * picture_.size.height};
  }

  double counted(const Count& count) const {
    std::size_t sum = 0;
    for (const Things& term : count.terms) {
      for (const RuleThing& thing : picture_.things) sum += is_one_of(term, thing) ? 1 : 0;
    }
    return static_cast<double>(sum);
  }

  void mark(const Quantity& quantity, std::vector<bool>& marks) const {
    const auto mark_things = [&](const Things& things) {
      for (std::size_t i = 0; i < marks.size(); ++i) marks[i] = marks[i] || is_one_of(things, picture_.things[i]);
    };
    if (const auto* total = std::get_if<TotalArea>(&quantity)) mark_things(total->things);
    if (const auto* count = std::get_if<Count>(&quantity))
      std::for_each(count->terms.begin(), count->terms.end(), mark_things);
  }

  const Program& program_;
  const RulePicture& picture_;
};

}  // namespace

bool compare(double left, Operator how, double right) {
  switch (how) {
    case Operator::less: return left < right;
    case Operator::at_most: return left <= right;
    case Operator::more: return left > right;
    case Operator::at_least: return left >= right;
    case Operator::equal: return left == right;
    case Operator::unequal: return left < right || left > right;
  }
  return false;
}

bool holds(const Program& program, const RulePicture& picture) {
  return Evaluation(program, picture).holds(program.root);
}

std::vector<bool> counted(const Program& program, const RulePicture& picture) {
  std::vector<bool> marks(picture.things.size());
  Evaluation(program, picture).mark(program.root, true, marks);
  return marks;
}

}  // namespace pixmill::tasks::rules
