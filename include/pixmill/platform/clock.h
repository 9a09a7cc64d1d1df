// Dates as text.
#pragma once

#include <string>

namespace pixmill::platform {

std::string today();  // "2026-11-21", local time

}  // namespace pixmill::platform
