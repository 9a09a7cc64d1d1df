#include "tasks/rules/builder.h"

#include <algorithm>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/models/class_names.h"
#include "tasks/rules/literals.h"

namespace pixmill::tasks::rules {
namespace {

Operator mirrored(Operator how) {
  switch (how) {
    case Operator::less: return Operator::more;
    case Operator::at_most: return Operator::at_least;
    case Operator::more: return Operator::less;
    case Operator::at_least: return Operator::at_most;
    default: return how;
  }
}

Place covering(Place first, Place last) {
  return {first.at, last.at + last.length - first.at};
}

}  // namespace

void Builder::refuse_class(Place place, const std::string& what) const {
  if (place.length > 0) refuse(program_.text, place, what);
  throw Error(ErrorCode::usage, "--classes: " + what);
}

std::size_t Builder::label_of(const std::string& name, Place place) {
  if (const auto known = labels_.find(name); known != labels_.end()) return known->second;
  if (name.empty()) refuse_class(place, "a class without a name");
  if (name.size() > models::kLongestClass)
    refuse_class(place, "no class has a name of more than " + std::to_string(models::kLongestClass) + " bytes");
  if (program_.classes.size() == models::kMostClasses)
    refuse_class(place, "more than " + std::to_string(models::kMostClasses) + " classes");
  labels_.emplace(name, program_.classes.size());
  program_.classes.push_back(name);
  program_.places.push_back(place);
  return program_.classes.size() - 1;
}

std::size_t Builder::new_set() {
  program_.sets.emplace_back();
  return program_.sets.size() - 1;
}

std::size_t Builder::set_of_any() {
  const std::size_t set = new_set();
  for (const std::string& name : program_.wanted) add_class(set, name, {0, 0});
  program_.sets[set].all = program_.wanted.empty();
  program_.needs_all |= program_.wanted.empty();
  return set;
}

void Builder::add_class(std::size_t set, const std::string& name, Place place) {
  std::vector<bool>& has = program_.sets[set].has;
  const std::size_t label = label_of(name, place);
  if (has.size() <= label) has.resize(label + 1);
  has[label] = true;
}

Node Builder::add(Condition condition) {
  program_.nodes.push_back(std::move(condition));
  return program_.nodes.size() - 1;
}

// What speaks of confidence decides itself which things are good enough.
Things Builder::things(std::size_t set, std::optional<Node> condition) {
  const bool own = condition && speaks_of_confidence(*condition);
  const double least = own ? least_confidence(*condition) : program_.confidence;
  program_.least_confidence = std::min(program_.least_confidence, static_cast<float>(least));
  return {set, condition, own ? 0 : program_.confidence};
}

bool Builder::speaks_of_confidence(Node node) const {
  const Condition& condition = program_.nodes[node];
  if (const auto* one = std::get_if<TraitComparison>(&condition)) return one->trait == Trait::confidence;
  if (const auto* negated = std::get_if<Negation>(&condition)) return speaks_of_confidence(negated->part);
  const auto* all = std::get_if<Junction>(&condition);
  return all != nullptr &&
         std::any_of(all->parts.begin(), all->parts.end(), [&](Node part) { return speaks_of_confidence(part); });
}

// No thing below this meets the condition.
double Builder::least_confidence(Node node) const {
  const Condition& condition = program_.nodes[node];
  if (const auto* one = std::get_if<TraitComparison>(&condition)) {
    const bool from_below =
        one->compares == Operator::less || one->compares == Operator::at_most || one->compares == Operator::unequal;
    return one->trait == Trait::confidence && !from_below ? one->limit.value : 0;
  }
  const auto* junction = std::get_if<Junction>(&condition);
  if (junction == nullptr) return 0;
  double least = least_confidence(junction->parts.front());
  for (const Node part : junction->parts)
    least = junction->all ? std::max(least, least_confidence(part)) : std::min(least, least_confidence(part));
  return least;
}

// "person + dog" becomes the things of a set of two classes. A class that stands twice counts twice.
bool Builder::merge(Count& sum, const Things& term) {
  const auto plain = [&](const Things& things) { return !things.condition && !program_.sets[things.classes].all; };
  if (!plain(term)) return false;
  const auto old = std::find_if(sum.terms.begin(), sum.terms.end(), plain);
  if (old == sum.terms.end()) return false;
  std::vector<bool>& has = program_.sets[old->classes].has;
  const std::vector<bool>& more = program_.sets[term.classes].has;
  for (std::size_t label = 0; label < more.size(); ++label) {
    if (more[label] && label < has.size() && has[label]) return false;
  }
  if (has.size() < more.size()) has.resize(more.size());
  for (std::size_t label = 0; label < more.size(); ++label) has[label] = has[label] || more[label];
  return true;
}

Operand Builder::sum(Operand left, Operand right) {
  auto* all = std::get_if<Count>(&left.value);
  const auto* more = std::get_if<Count>(&right.value);
  if (all == nullptr || more == nullptr)
    refuse(program_.text, all == nullptr ? left.place : right.place, "only counts of things are added",
           "for example: (person + dog) >= 3");
  for (const Things& term : more->terms) {
    if (!merge(*all, term)) all->terms.push_back(term);
  }
  left.place = covering(left.place, right.place);
  return left;
}

std::string Builder::words_of(Place place) const {
  return program_.text.substr(place.at, place.length);
}

std::string Builder::quoted(Place place) const {
  return std::string("'") += words_of(place) + "'";
}

Operand Builder::comparison(Operand left, const Token& how, Operand right) {
  for (const Operand* side : {&left, &right}) {
    if (side->is_condition())
      refuse(program_.text, side->place, "a condition is true or false and is compared with nothing",
             "conditions are joined by and, or: person >= 2 and not car");
  }
  const Place place = covering(left.place, right.place);
  if (left.is_literal() && right.is_literal())
    refuse(program_.text, place, "two numbers are compared", "for example: person >= 2");
  Operator compares = how.compares;
  if (left.is_literal()) {
    std::swap(left, right);
    compares = mirrored(compares);
  }
  const auto finished = [&](Condition condition) { return Operand{add(std::move(condition)), {}, place}; };
  const auto* trait = std::get_if<TraitOfThings>(&left.value);
  const auto* own = std::get_if<TraitOfOne>(&left.value);
  const auto quantity = [&](Operand& operand) -> Quantity {
    if (auto* count = std::get_if<Count>(&operand.value)) return std::move(*count);
    if (const auto* total = std::get_if<TotalArea>(&operand.value)) return *total;
    if (const auto* property = std::get_if<Property>(&operand.value)) return *property;
    refuse(program_.text, operand.place, quoted(operand.place) + " is compared with a number only");
  };
  if (right.is_literal()) {
    const Limit limit = read_limit(program_.text, std::get<Token>(right.value), left.unit, words_of(left.place));
    if (own != nullptr) return finished(TraitComparison{own->trait, compares, limit});
    if (trait == nullptr) return finished(Comparison{quantity(left), compares, limit});
    const Node meets = add(TraitComparison{trait->trait, compares, limit});
    return finished(Comparison{Count{{things(trait->classes, meets)}}, Operator::at_least, Limit{1}});
  }
  Quantity first = quantity(left), second = quantity(right);
  if (left.unit != right.unit)
    refuse(program_.text, place, quoted(left.place) + " and '" + words_of(right.place) + "' are different things",
           "both sides count things, or both are pixels");
  return finished(Comparison{std::move(first), compares, std::move(second)});
}

Node Builder::condition(const Operand& operand) {
  if (const auto* node = std::get_if<Node>(&operand.value)) return *node;
  if (const auto* count = std::get_if<Count>(&operand.value))
    return add(Comparison{*count, Operator::at_least, Limit{1}});
  const std::string words = words_of(operand.place);
  if (operand.is_literal())
    refuse(program_.text, operand.place, "a number alone is no condition", "for example: person >= 2");
  refuse(program_.text, operand.place, quoted(operand.place) + " is compared with nothing",
         "for example: " + words + (operand.unit == Unit::share || operand.unit == Unit::ratio ? " > 0.5" : " > 100"));
}

Node Builder::junction(bool all, std::vector<Node> parts) {
  return parts.size() == 1 ? parts.front() : add(Junction{all, std::move(parts)});
}

}  // namespace pixmill::tasks::rules
