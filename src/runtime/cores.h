// The cgroup half of usable_cores(), apart so that a test can lay out a file system of its own.
#pragma once

#include <filesystem>
#include <optional>

namespace pixmill::runtime {

// Cores that the control groups of this process grant (1.5: one and a half); empty where nothing limits them.
// `root` is "/" but for tests. Reads v1 and v2.
std::optional<double> cgroup_quota(const std::filesystem::path& root);

}  // namespace pixmill::runtime
