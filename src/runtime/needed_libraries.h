// What a shared library needs, read from its file: the loader names only the first that it misses.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pixmill::runtime {

// The names in its table of needed libraries ("libcudart.so.13"), in its order. Empty for what is no 64-bit ELF file.
std::vector<std::string> needed_libraries(const std::filesystem::path& library);

}  // namespace pixmill::runtime
