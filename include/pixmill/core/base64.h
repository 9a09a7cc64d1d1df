// Bytes as letters.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace pixmill {

// Base64 of RFC 4648, with padding.
std::string base64(std::span<const std::byte> bytes);

}  // namespace pixmill
