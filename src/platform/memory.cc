#include "pixmill/platform/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "pixmill/platform/cores.h"

namespace pixmill::platform {

std::int64_t usable_memory_bytes() {
  const std::int64_t machine = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  return std::min(machine, cgroup_memory_limit("/").value_or(machine));
}

std::int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace pixmill::platform
