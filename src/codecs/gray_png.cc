#include "pixmill/codecs/gray_png.h"

#include <span>
#include <string_view>

#include "codecs/png_chunks.h"
#include "codecs/run_deflate.h"
#include "pixmill/codecs/codec.h"

namespace pixmill::codecs {
namespace {

void put(std::vector<std::byte>& file, std::span<const std::byte> bytes) {
  file.insert(file.end(), bytes.begin(), bytes.end());
}

std::vector<std::byte> header(Size size) {
  std::vector<std::byte> data;
  for (const int number : {size.width, size.height}) {
    for (int shift = 24; shift >= 0; shift -= 8) data.push_back(static_cast<std::byte>(number >> shift));
  }
  data.push_back(std::byte{8});  // bits
  data.resize(13);               // gray, deflate, filters of type 0, not interlaced: all 0
  return data;
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
  constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
  std::vector<std::byte> file;
  put(file, std::as_bytes(std::span(kSignature)));
  put(file, make_png_chunk("IHDR", header(mask.size())));
  put(file, make_png_chunk("IDAT", pixels(mask)));
  put(file, make_png_chunk("IEND", {}));
  return file;
}

}  // namespace pixmill::codecs
