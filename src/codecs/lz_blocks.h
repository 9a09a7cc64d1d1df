// Deflate by libdeflate: for rows that repeat what was there before, and for the smallest files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pixmill::codecs {

// Appends blocks of deflate (RFC 1951), none of them marked as the last one, which end with a whole byte. `level`: 1
// (fast) to 12. Throws Error{out_of_memory}.
void append_lz_blocks(std::span<const std::uint8_t> data, int level, std::vector<std::byte>& to);

// A whole stream of zlib (RFC 1950) for a few bytes.
std::vector<std::byte> zlib_stream(std::span<const std::byte> data);

}  // namespace pixmill::codecs
