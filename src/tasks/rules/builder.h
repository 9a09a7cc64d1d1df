// Puts a rule's program together while it is parsed.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tasks/rules/program.h"
#include "tasks/rules/words.h"

namespace pixmill::tasks::rules {

struct TraitOfThings {  // area(person)
  std::size_t classes = 0;
  Trait trait = Trait::area;
};

struct TraitOfOne {  // area, within the condition of count()
  Trait trait = Trait::area;
};

// Anything that stands between signs: a condition, or what is compared to make one.
struct Operand {
  std::variant<Node, Count, TotalArea, Property, TraitOfThings, TraitOfOne, Token> value;
  Unit unit = Unit::count;  // of all but conditions and literals
  Place place;

  bool is_condition() const { return std::holds_alternative<Node>(value); }
  bool is_literal() const { return std::holds_alternative<Token>(value); }
};

class Builder {
 public:
  explicit Builder(Program& program) : program_(program) {}

  // Sets of classes; a name is at its place in the rule (length 0: of --classes). Throws Error{usage} for what can be
  // no class.
  std::size_t new_set();
  std::size_t set_of_any();
  void add_class(std::size_t set, const std::string& name, Place place);

  Node add(Condition condition);
  Things things(std::size_t set, std::optional<Node> condition = {});

  // Throw Error{usage} where the operands do not fit.
  Operand sum(Operand left, Operand right);
  Operand comparison(Operand left, const Token& how, Operand right);
  Node condition(const Operand& operand);  // a count alone: at least one
  Node junction(bool all, std::vector<Node> parts);

 private:
  [[noreturn]] void refuse_class(Place place, const std::string& what) const;
  std::size_t label_of(const std::string& name, Place place);
  std::string words_of(Place place) const;
  std::string quoted(Place place) const;
  bool merge(Count& sum, const Things& term);
  bool speaks_of_confidence(Node node) const;
  double least_confidence(Node node) const;

  Program& program_;
  std::map<std::string, std::size_t, std::less<>> labels_;
};

}  // namespace pixmill::tasks::rules
