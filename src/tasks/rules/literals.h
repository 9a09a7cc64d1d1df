// Numbers, percents and dates of rules.
#pragma once

#include <cstdint>
#include <string_view>

#include "tasks/rules/program.h"
#include "tasks/rules/words.h"

namespace pixmill::tasks::rules {

// What a literal beside a quantity of that unit means; `of` names the quantity in messages. Throws Error{usage}.
Limit read_limit(std::string_view rule, const Token& token, Unit unit, std::string_view of);

// A day, a minute or a second, local time, or the moment so long before `now` (7d). Throws Error{usage}.
struct Span {
  std::int64_t from = 0, to = 0;  // seconds since 1970; without `to` itself
};
Span read_date(std::string_view rule, const Token& token, std::int64_t now);

}  // namespace pixmill::tasks::rules
