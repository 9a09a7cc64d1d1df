// Masks as label files have them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pixmill/core/run_mask.h"

namespace pixmill::imports {

// Runs as COCO has them, by columns from outside; runs of no pixels are joined with their neighbours. Empty where they
// do not add up to the picture.
std::optional<RunMask> mask_of_runs(const std::vector<std::uint32_t>& runs, Size picture);

// COCO's packed text: five bits a letter from '0', the lowest first, the sixth where more follow; signed, and from the
// fourth run on the difference to the one two before. Empty where it is damaged.
std::optional<std::vector<std::uint32_t>> unpacked_runs(std::string_view text);

// Runs by rows, the first one outside, of a part of a picture. Empty where they do not add up to the part, or it does
// not lie inside the picture.
std::optional<RunMask> mask_of_row_runs(const std::vector<std::uint32_t>& runs, const Rect& part, Size picture);

}  // namespace pixmill::imports
