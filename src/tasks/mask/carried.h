// What belongs to a person though it is a thing of its own: what is carried.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pixmill::tasks {

// Of --carried: the names in a list, those of pixmill for "auto", none for "none".
std::vector<std::string> carried_names(std::string_view list);

}  // namespace pixmill::tasks
