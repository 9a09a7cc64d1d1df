// Names of files and classes as text for others.
#pragma once

#include <string>
#include <string_view>

namespace pixmill::exports {

// What is not UTF-8 becomes U+FFFD, a byte at a time.
std::string valid_utf8(std::string_view text);

}  // namespace pixmill::exports
