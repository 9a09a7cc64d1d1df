// What limits this process: affinity mask and control groups, apart from usable_cores() so that a test can lay out a
// file system of its own. `root` is "/" but for tests. Reads versions 1 and 2 of control groups.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace pixmill::platform {

// Cores that the control groups of this process grant (1.5: one and a half); empty where nothing limits them.
std::optional<double> cgroup_quota(const std::filesystem::path& root);

// Bytes of memory that they grant; version 1 reports a very large number where nothing limits them.
std::optional<std::int64_t> cgroup_memory_limit(const std::filesystem::path& root);

// Cores this process may use: limited by affinity mask and control groups; at least one.
int usable_cores();

// Cores that the scheduler may put this process on.
int cores_in_mask();

}  // namespace pixmill::platform
