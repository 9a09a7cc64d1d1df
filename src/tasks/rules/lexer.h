// The words and signs of a rule.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tasks/rules/place.h"

namespace pixmill::tasks::rules {

enum class Operator { less, at_most, more, at_least, equal, unequal };

enum class Sign {
  end,
  word,
  quoted,
  literal,
  open,
  close,
  comma,
  plus,
  compare,
  like,
  negation,
  conjunction,
  disjunction
};

struct Token {
  Sign sign = Sign::end;
  Place place;
  std::string text = {};  // as it stands there; of what is quoted, what it stands for
  Operator compares = Operator::less;
};

// The last one is Sign::end. A literal is what begins with a digit: 2, 5%, 1.5M, 2026-01-01T08:00. Throws Error{usage}.
std::vector<Token> tokens_of(std::string_view rule);

}  // namespace pixmill::tasks::rules
