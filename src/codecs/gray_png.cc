#include "pixmill/codecs/gray_png.h"

#include <span>

#include "codecs/png_chunks.h"
#include "codecs/run_deflate.h"
#include "pixmill/codecs/codec.h"

namespace pixmill::codecs {
namespace {

void put(std::vector<std::byte>& file, std::span<const std::byte> bytes) {
  file.insert(file.end(), bytes.begin(), bytes.end());
}

std::vector<std::byte> pixels(const BitMask& mask) {
  RunDeflate stream;
  for (int y = 0; y < mask.size().height; ++y) {
    stream.add(0, 1);  // the row is not filtered
    each_run(mask, y, [&](int from, int to, bool inside) {
      stream.add(inside ? 255 : 0, static_cast<std::uint64_t>(to - from));
    });
  }
  return stream.finish();
}

}  // namespace

std::vector<std::byte> gray_png(const BitMask& mask) {
  check_limits(Format::png, mask.size(), 1, "a mask");
  std::vector<std::byte> file = png_signature_and_header(mask.size(), 1, PixelType::u8);
  put(file, make_png_chunk("IDAT", pixels(mask)));
  put(file, make_png_chunk("IEND", {}));
  return file;
}

}  // namespace pixmill::codecs
