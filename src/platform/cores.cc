// How many cores this process may really use.
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "pixmill/platform/cores.h"

namespace pixmill::platform {
namespace {

namespace fs = std::filesystem;

std::optional<double> quota_v2(const fs::path& group) {
  std::ifstream file(group / "cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return std::nullopt;
  try {
    return std::stod(quota) / period;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::optional<double> quota_v1(const fs::path& group) {
  double quota = 0;
  double period = 0;
  std::ifstream(group / "cpu.cfs_quota_us") >> quota;
  std::ifstream(group / "cpu.cfs_period_us") >> period;
  if (quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

std::optional<std::int64_t> bytes_in(const fs::path& limit) {
  std::ifstream file(limit);
  std::int64_t bytes = 0;
  return file >> bytes && bytes > 0 ? std::optional(bytes) : std::nullopt;  // "max" is no number
}

// Above memory.high a group is slowed down until it frees pages: that is as good as an end.
std::optional<std::int64_t> memory_v2(const fs::path& group) {
  const auto most = bytes_in(group / "memory.max");
  const auto high = bytes_in(group / "memory.high");
  return most && high ? std::min(most, high) : (most ? most : high);
}

std::optional<std::int64_t> memory_v1(const fs::path& group) {
  return bytes_in(group / "memory.limit_in_bytes");
}

// The tightest limit of a group and all groups above it, up to the mount point.
template <typename Limit>
Limit tightest(const fs::path& mount, const std::string& group, Limit (*limit_of)(const fs::path& group)) {
  Limit least;
  fs::path path(group, fs::path::generic_format);
  while (true) {
    const fs::path below = path.relative_path();
    if (const auto limit = limit_of(below.empty() ? mount : mount / below))
      least = std::min(*limit, least.value_or(*limit));
    if (below.empty()) return least;
    path = path.parent_path();
  }
}

// The tightest limit that a controller ("cpu", "memory") sets on this process, through either version.
template <typename Limit>
Limit tightest_of_all(const fs::path& root, const std::string& controller, Limit (*v1)(const fs::path& group),
                      Limit (*v2)(const fs::path& group)) {
  std::ifstream groups(root / "proc/self/cgroup");
  Limit least;
  for (std::string line; std::getline(groups, line);) {
    // "0::/a/b" (v2) or "4:cpu,cpuacct:/a/b" (v1)
    std::istringstream fields(line);
    std::string id, controllers, group;
    if (!std::getline(fields, id, ':') || !std::getline(fields, controllers, ':') || !std::getline(fields, group))
      continue;
    const bool first = ("," + controllers + ",").find("," + controller + ",") != std::string::npos;
    if (!first && !controllers.empty()) continue;
    const fs::path mount = root / "sys/fs/cgroup";
    const Limit limit = first ? tightest(mount / controller, group, v1) : tightest(mount, group, v2);
    if (limit) least = std::min(*limit, least.value_or(*limit));
  }
  return least;
}

}  // namespace

std::optional<double> cgroup_quota(const fs::path& root) {
  return tightest_of_all(root, "cpu", quota_v1, quota_v2);
}

std::optional<std::int64_t> cgroup_memory_limit(const fs::path& root) {
  return tightest_of_all(root, "memory", memory_v1, memory_v2);
}

int cores_in_mask() {
  // The kernel refuses a mask smaller than its own, so grow until it fits.
  for (int cores = CPU_SETSIZE; cores <= (1 << 20); cores *= 4) {
    cpu_set_t* mask = CPU_ALLOC(cores);
    if (mask == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(cores);
    CPU_ZERO_S(bytes, mask);
    const bool read = sched_getaffinity(0, bytes, mask) == 0;
    const int count = read ? CPU_COUNT_S(bytes, mask) : 0;
    CPU_FREE(mask);
    if (read && count > 0) return count;
  }
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int usable_cores() {
  const int cores = cores_in_mask();
  const auto quota = cgroup_quota("/");
  return quota ? std::clamp(static_cast<int>(std::lround(*quota)), 1, cores) : cores;
}

}  // namespace pixmill::platform
