// True masks of pictures, to compare cut-outs with.
#pragma once

#include <filesystem>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/measure/subject.h"

namespace pixmill::measure {

// For each picture of `subject`, STEM.png (or .jpg, .bmp, ...) in `folder`: 1 channel, u8, of any size. Throws Error:
// not_found where one is missing, and what reading pictures throws.
std::vector<Image> read_masks(const Subject& subject, const std::filesystem::path& folder);

}  // namespace pixmill::measure
