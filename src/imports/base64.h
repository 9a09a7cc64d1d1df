// Bytes in text.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace pixmill::imports {

// Line ends within are left out. Empty where another letter stands there.
std::optional<std::vector<std::byte>> from_base64(std::string_view text);

}  // namespace pixmill::imports
