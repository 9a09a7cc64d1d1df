// "Did you mean ...?"
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pixmill {

// The candidate with the fewest edits (insertion, deletion, replacement) from `name`; empty when even that one is too
// far to be a slip of the fingers (more than two edits and a third of the letters).
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& candidates);

// "did you mean NEAREST?", or else "known: A, B, C".
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace pixmill
