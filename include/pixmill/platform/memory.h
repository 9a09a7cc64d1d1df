// Memory figures of the operating system.
#pragma once

#include <cstdint>

namespace pixmill::platform {

std::int64_t usable_memory_bytes();  // of the machine, or of this process' cgroup where that is less
std::int64_t memory_bytes();         // resident, of this process now; 0 where the system does not report it
std::int64_t peak_memory_bytes();    // resident, of this process so far

// How much resident memory this process took at its largest moment since then, above what it had. One at a time.
class PeakMeter {
 public:
  PeakMeter();
  std::int64_t bytes() const;  // 0 where the system does not report it

 private:
  std::int64_t before_ = 0;
};

}  // namespace pixmill::platform
