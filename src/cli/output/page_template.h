// Pages that are built into the program: their places are filled in.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace pixmill::cli {

// JSON as it may stand in a script element: without "<".
std::string for_script(std::string_view json);

// The places of the template, {{like_this}}; what is put in is not looked at again.
std::string filled(std::string_view page, const std::map<std::string, std::string>& parts);

}  // namespace pixmill::cli
