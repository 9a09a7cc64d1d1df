// A picture's bytes from disk.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace pixmill::codecs {

// The whole file, or standard input for "-". A file that does not begin like a picture is not read past its head. Pipes
// and devices are refused, never waited for. Throws Error{not_found, unreadable, unsupported, too_large}.
std::vector<std::byte> read_file(const std::filesystem::path& path);

}  // namespace pixmill::codecs
