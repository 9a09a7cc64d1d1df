#include "pixmill/platform/wait_readable.h"

#include <poll.h>

#include <cerrno>

namespace pixmill::platform {

bool wait_readable(int descriptor, const std::function<bool()>& stop) {
  constexpr int kMilliseconds = 100;
  while (!stop()) {
    pollfd input{descriptor, POLLIN, 0};
    const int ready = ::poll(&input, 1, kMilliseconds);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // the reader gets the error
  }
  return false;
}

}  // namespace pixmill::platform
