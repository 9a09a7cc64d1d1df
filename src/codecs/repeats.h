// Whether a search for earlier strings would pay.
#pragma once

#include <cstdint>
#include <span>

namespace pixmill::codecs {

// The part, 0..1, of the bytes in a sample of `data` that begin eight bytes which stood there before. Runs of one
// value count neither as such nor as bytes.
double repeated_part(std::span<const std::uint8_t> data);

}  // namespace pixmill::codecs
