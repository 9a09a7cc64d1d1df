#include "pixmill/platform/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <limits>
#include <string>

#include "pixmill/platform/cores.h"

namespace pixmill::platform {
namespace {

std::atomic<std::int64_t> peak_before_meter = 0;  // as a meter makes the system forget it

// Linux' high-water mark of resident memory; 0 elsewhere.
std::int64_t high_water() {
  std::ifstream file("/proc/self/status");
  for (std::string key; file >> key; file.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    std::int64_t kibibytes = 0;
    if (key == "VmHWM:" && file >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

}  // namespace

std::int64_t usable_memory_bytes() {
  const std::int64_t machine = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  return std::min(machine, cgroup_memory_limit("/").value_or(machine));
}

std::int64_t memory_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t all = 0;
  std::int64_t resident = 0;
  return file >> all >> resident ? resident * sysconf(_SC_PAGESIZE) : 0;
}

std::int64_t peak_memory_bytes() {
  if (const std::int64_t most = high_water(); most > 0) return std::max(peak_before_meter.load(), most);
  rusage usage{};  // counts the program that started this one, up to the moment it became this one
  getrusage(RUSAGE_SELF, &usage);
  return std::max(peak_before_meter.load(), std::int64_t{usage.ru_maxrss} * 1024);
}

PeakMeter::PeakMeter() {
  peak_before_meter = peak_memory_bytes();
  std::ofstream reset("/proc/self/clear_refs");
  if (reset << "5" << std::flush) before_ = high_water();
}

std::int64_t PeakMeter::bytes() const {
  return before_ == 0 ? 0 : std::max<std::int64_t>(high_water() - before_, 0);
}

}  // namespace pixmill::platform
