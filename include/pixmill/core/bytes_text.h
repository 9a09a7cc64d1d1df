// Sizes as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace pixmill {

std::string bytes_text(std::int64_t bytes);  // "1.3 GiB"

}  // namespace pixmill
