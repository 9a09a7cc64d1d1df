// Text from a pattern as printf takes it.
#pragma once

#include <string>

namespace pixmill {

// At most 511 bytes; what is longer is cut.
[[gnu::format(printf, 1, 2)]] std::string format_text(const char* pattern, ...);

}  // namespace pixmill
