// Deflate for rows of photographs that were filtered: Huffman codes and runs of equal bytes. Such rows hardly ever
// repeat otherwise, so that a search for earlier strings costs most of the time and makes files larger as often as
// smaller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pixmill::codecs {

// Appends blocks of deflate (RFC 1951), none of them marked as the last one, which end with a whole byte. At most 5
// bytes in 65,535, and 12 more, are added to the size of `data`.
void append_run_blocks(std::span<const std::uint8_t> data, std::vector<std::byte>& to);

}  // namespace pixmill::codecs
