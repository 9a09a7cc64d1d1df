// What is wrong with a rule, and where in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pixmill::tasks::rules {

// Bytes of the rule.
struct Place {
  std::size_t at = 0;
  std::size_t length = 1;
};

// The line of the rule around the place, and below it carets under the place; columns as terminals
// show them.
std::string marked(std::string_view rule, Place place);

// Throws Error{usage}: "the rule: WHAT", and a hint of the marked rule and the advice.
[[noreturn]] void refuse(std::string_view rule, Place place, const std::string& what, const std::string& advice = {});

}  // namespace pixmill::tasks::rules
