// A picture's bytes from disk.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "pixmill/core/error.h"

namespace pixmill::codecs {

// The whole file, or standard input for "-". A file that does not begin like a picture is not read past its head. Pipes
// and devices are refused, never waited for. Throws Error{not_found, unreadable, unsupported, too_large}.
std::vector<std::byte> read_file(const std::filesystem::path& path);

// Why a picture cannot be read, by the number of the call that failed: not_found, of a broken link too, or unreadable.
Error read_error(const std::filesystem::path& path, int number);

}  // namespace pixmill::codecs
