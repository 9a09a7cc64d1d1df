// Files as /proc and /etc have them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace pixmill::platform {

// The first value of a key in a file of lines "KEY : VALUE" or "KEY=VALUE"; empty without one.
std::string value_in(const std::filesystem::path& path, std::string_view key, char separator);

}  // namespace pixmill::platform
