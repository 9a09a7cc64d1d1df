#include "codecs/lz_blocks.h"

#include <libdeflate.h>

#include <memory>

#include "codecs/deflate_end.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

constexpr int kStreamLevel = 9;

struct Free {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};
using Compressor = std::unique_ptr<libdeflate_compressor, Free>;

Compressor compressor_of(int level) {
  Compressor compressor(libdeflate_alloc_compressor(level));
  if (!compressor) throw Error(ErrorCode::out_of_memory, "no memory for compressing a picture");
  return compressor;
}

}  // namespace

void append_lz_blocks(std::span<const std::uint8_t> data, int level, std::vector<std::byte>& to) {
  const Compressor compressor = compressor_of(level);
  const std::size_t from = to.size();
  to.resize(from + libdeflate_deflate_compress_bound(compressor.get(), data.size()));
  const std::size_t used =
      libdeflate_deflate_compress(compressor.get(), data.data(), data.size(), to.data() + from, to.size() - from);
  to.resize(from + used);
  open_deflate_end(to, from);
}

std::vector<std::byte> zlib_stream(std::span<const std::byte> data) {
  const Compressor compressor = compressor_of(kStreamLevel);
  std::vector<std::byte> stream(libdeflate_zlib_compress_bound(compressor.get(), data.size()));
  stream.resize(libdeflate_zlib_compress(compressor.get(), data.data(), data.size(), stream.data(), stream.size()));
  return stream;
}

}  // namespace pixmill::codecs
