// The Python environment that quantises models.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace pixmill::measure {

// Both are compiled in.
std::string_view quantize_program();       // Python
std::string_view quantize_requirements();  // as pip reads them, with hashes

// Where the environment for these requirements lies below `data`. Another list is another folder.
std::filesystem::path quantize_environment(const std::filesystem::path& data, std::string_view requirements);

// The python of the environment, which is made when it is missing: under another name first, so that it is whole or
// not there. `on_line`: what pip says. Throws Error: not_found (no python3, no venv), unreadable (other users can
// change it), network, disk_full, interrupted.
std::filesystem::path environment_python(const std::filesystem::path& data, std::string_view requirements,
                                         const std::function<void(std::string_view line)>& on_line,
                                         const std::atomic<bool>& stop);

}  // namespace pixmill::measure
