// Where a stream of deflate ends, so that another one can go on behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pixmill::codecs {

// In bits from the beginning of the stream.
struct DeflateEnd {
  std::uint64_t last_block;  // its first bit, which says that it is the last one
  std::uint64_t end;         // behind the last bit of the last block
};

// Reads the codes of a whole stream (RFC 1951) without making its bytes. Empty where it is none.
std::optional<DeflateEnd> find_deflate_end(std::span<const std::byte> stream);

// Makes the stream from byte `from` on one that another may follow: no block is marked as the last one, and it ends
// with a whole byte. Throws Error{internal} where it is no stream.
void open_deflate_end(std::vector<std::byte>& bytes, std::size_t from);

}  // namespace pixmill::codecs
