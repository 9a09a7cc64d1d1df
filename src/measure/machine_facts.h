// The facts of a machine in /proc, /sys and /etc; separate, so that a test can use a file system of its own.
// `root` is "/" but for tests.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pixmill/measure/machine.h"
#include "pixmill/platform/home.h"

namespace pixmill::measure {

std::string processor_name(const std::filesystem::path& root);
std::vector<std::string> processor_features(const std::filesystem::path& root);
int physical_cores(const std::filesystem::path& root);  // 0 where it is unknown
Memory memory_of(const std::filesystem::path& root);
std::vector<std::string> gpus_of(const std::filesystem::path& root);
std::string operating_system(const std::filesystem::path& root);
std::string container_around(const std::filesystem::path& root);

// describe_machine() without the runtimes: none is loaded.
Machine describe_host(const platform::Home& home, const std::filesystem::path& output);

// Looks for space and permission as describe_machine() says.
Folder inspect_folder(std::string purpose, const std::filesystem::path& path);

}  // namespace pixmill::measure
