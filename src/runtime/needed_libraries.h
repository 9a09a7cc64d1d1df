// The libraries that a shared library needs, read from its file: the loader reports only the first missing one.
#pragma once

#include <filesystem>
#include <istream>
#include <string>
#include <vector>

namespace pixmill::runtime {

// The names in its table of needed libraries ("libcudart.so.13"), in its order: at most 4096, none longer than 4096
// bytes. Empty for what is no 64-bit ELF file, and for a damaged one.
std::vector<std::string> needed_libraries(const std::filesystem::path& library);
std::vector<std::string> needed_libraries(std::istream& library);

}  // namespace pixmill::runtime
