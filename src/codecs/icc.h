// The parts of an ICC profile that decide how it is handled. Damaged profiles are never an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pixmill::codecs {

enum class IccSpace { none, gray, rgb, cmyk, other };  // none: not a profile

IccSpace icc_space(std::span<const std::byte> profile);

// True for a profile that means sRGB within what 8 bits can show, whoever wrote it: such pixels are left as they are.
bool is_srgb(std::span<const std::byte> profile);

// The mapping from the values of a gray profile to sRGB's: `levels` entries (256 or 65536) of 0..levels-1. Empty where
// the profile has no usable curve, or where nothing would change.
std::vector<std::uint16_t> gray_tone(std::span<const std::byte> profile, std::size_t levels);

}  // namespace pixmill::codecs
