#include "pipeline/machine.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace pixmill::pipeline {
namespace {

// The number in a cgroup file, or `otherwise` where there is none ("max", no such file).
std::int64_t read_limit(const char* path, std::int64_t otherwise) {
  std::ifstream file(path);
  std::int64_t value = 0;
  return file >> value && value > 0 ? value : otherwise;
}

}  // namespace

std::int64_t usable_memory_bytes() {
  const std::int64_t machine = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  return std::min({machine, read_limit("/sys/fs/cgroup/memory.max", machine),
                   read_limit("/sys/fs/cgroup/memory/memory.limit_in_bytes", machine)});
}

std::int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace pixmill::pipeline
