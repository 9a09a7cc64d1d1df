// The named colours of CSS.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pixmill::config {

// R, G, B, alpha of a name in any case; "transparent" has alpha 0.
std::optional<std::array<std::uint8_t, 4>> css_colour(std::string_view name);

}  // namespace pixmill::config
