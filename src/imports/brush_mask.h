// Masks that Label Studio's brush made.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "pixmill/core/run_mask.h"

namespace pixmill::imports {

// Bits, the highest first: u32 count of values; the bits of a value less one, in 5 bits; four times the bits of a
// run's length less one, in 4 bits. Then runs until all values are there: a bit that is 1 where one value is repeated,
// 2 bits that choose one of the four, the length less one, and the value or so many. The values are red, green, blue
// and alpha of the pixels, row by row; where alpha is not 0 is inside. Empty where it is cut short, or not of that
// size.
std::optional<RunMask> brush_mask(std::span<const std::uint8_t> bytes, Size picture);

}  // namespace pixmill::imports
