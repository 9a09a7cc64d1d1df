// Waits for input, until stopped.
#pragma once

#include <functional>

namespace pixmill::platform {

// Until `descriptor` can be read without waiting, or is at its end. False where `stop` answered true meanwhile; it is
// asked ten times a second and after every signal.
bool wait_readable(int descriptor, const std::function<bool()>& stop);

}  // namespace pixmill::platform
