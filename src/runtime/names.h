// Names that users type, and the error for a wrong one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/error.h"

namespace pixmill::runtime {

// Error{usage}: "unknown WHAT 'NAME'", the hint names the nearest of `known` and lists them all.
Error unknown_name(std::string_view what, std::string_view name, const std::vector<std::string>& known);

// "a", then "a; b", ...
void add_to(std::string& list, std::string_view item, std::string_view separator = "; ");

}  // namespace pixmill::runtime
