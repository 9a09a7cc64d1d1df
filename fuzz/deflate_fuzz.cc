// Any bytes as a stream of deflate: its end is found, or it has none, and nothing else; and zlib, where it reads the
// stream, ends where that says. (libdeflate also reads codes that RFC 1951 does not allow.)
#include <zlib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

#include "codecs/deflate_end.h"

namespace {

// Bytes that zlib takes of the stream; none where it is not one, or its contents are too long for this test.
std::optional<std::size_t> end_by_zlib(const std::uint8_t* data, std::size_t size) {
  static std::array<std::uint8_t, std::size_t{1} << 20> made;
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) std::abort();
  stream.next_in = const_cast<std::uint8_t*>(data);
  stream.avail_in = static_cast<unsigned>(size);
  stream.next_out = made.data();
  stream.avail_out = made.size();
  const bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
  const std::size_t used = stream.total_in;
  inflateEnd(&stream);
  return whole ? std::optional(used) : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto end = pixmill::codecs::find_deflate_end(std::as_bytes(std::span(data, size)));
  const auto wanted = end_by_zlib(data, size);
  if (wanted && (!end || (end->end + 7) / 8 != *wanted)) std::abort();
  return 0;
}
