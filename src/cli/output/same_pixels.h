// Whether two files are one picture, whatever their formats and metadata.
#pragma once

#include <filesystem>

namespace pixmill::cli {

// The same size, channels, depth and pixels, upright and as sRGB. A few rows are held at a time. False where one of
// them cannot be read.
bool same_pixels(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace pixmill::cli
