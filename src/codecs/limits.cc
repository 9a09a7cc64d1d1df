// What the formats, and the libraries that write them, can hold.
#include <cstdint>
#include <string>

#include "codecs/bmp.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

// Pixels a side. libjpeg stops short of the 65,535 that the standard allows. Most programs that read PNG have libpng's
// limit of 1,000,000. libheif writes more than 16,384, and reads such files no more. libvips ends below 10,000,000.
int longest_side(Format format) {
  switch (format) {
    case Format::jpeg: return 65'500;
    case Format::png: return 1'000'000;
    case Format::webp: return 16'383;
    case Format::avif:
    case Format::heic: return 16'384;
    case Format::gif: return 65'535;
    case Format::tiff:
    case Format::jxl:
    case Format::bmp: return 9'999'999;
  }
  return 0;
}

bool holds_size(Format format, Size size, int channels) {
  const int most = longest_side(format);
  if (size.width > most || size.height > most) return false;
  return format != Format::bmp || bmp_bytes(size, channels == 4) <= UINT32_MAX;  // its header counts them in 32 bits
}

// "png, tiff": the lossless formats that hold such a picture, "" where none does.
std::string others_for(Size size, int channels) {
  std::string others;
  for (const Format format : {Format::png, Format::tiff}) {
    if (holds_size(format, size, channels)) others.append(others.empty() ? "" : " or ").append(name_of(format));
  }
  return others;
}

}  // namespace

void check_limits(Format format, Size size, int channels, std::string_view name) {
  const std::string subject = std::string(name) + ": " + std::string(name_of(format));
  if (size.width <= 0 || size.height <= 0 || (channels != 1 && channels != 3 && channels != 4)) {
    throw Error(ErrorCode::internal, subject + " of " + std::to_string(size.width) + "x" + std::to_string(size.height) +
                                         " pixels with " + std::to_string(channels) + " channels was to be written");
  }
  if (channels == 4 && !holds_alpha(format)) {
    throw Error(ErrorCode::unsupported, subject + " cannot hold transparency",
                "write png, webp, tiff or avif, or put a background behind the picture");
  }
  if (holds_size(format, size, channels)) return;
  const int most = longest_side(format);
  const bool too_long = size.width > most || size.height > most;
  const std::string limit = too_long ? std::to_string(most) + " pixels a side" : "4 GB";
  const std::string others = others_for(size, channels);
  throw Error(ErrorCode::unsupported,
              subject + " cannot hold " + std::to_string(size.width) + "x" + std::to_string(size.height) +
                  " pixels: its limit is " + limit,
              others.empty() ? "make the picture smaller" : "write " + others + ", or make the picture smaller");
}

}  // namespace pixmill::codecs
