// Any bytes as a stream of deflate: its end is found, or it has none, and nothing else; and libdeflate, where it reads
// the stream, ends where that says.
#include <libdeflate.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "codecs/deflate_end.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto end = pixmill::codecs::find_deflate_end(std::as_bytes(std::span(data, size)));
  static libdeflate_decompressor* const reader = libdeflate_alloc_decompressor();
  std::vector<std::byte> made(std::size_t{1} << 20);
  std::size_t used = 0, count = 0;
  const auto result = libdeflate_deflate_decompress_ex(reader, data, size, made.data(), made.size(), &used, &count);
  if (result == LIBDEFLATE_SUCCESS && (!end || (end->end + 7) / 8 != used)) std::abort();
  return 0;
}
