// What decoding and encoding cost in memory. Measured as growth of resident memory at its peak (VmHWM) with libvips
// 8.14.1, libjpeg-turbo 2.1.5, libpng 1.6.39, libwebp 1.2.4, libtiff 4.5.0 on noisy pictures of 24 megapixels with soft
// mattes, those of AVIF, HEIC, JPEG XL and GIF on 3 megapixels. Bytes a pixel, RGB and RGBA of 8 bits:
//
//          decode, pixels included                          encode, the file included
//   jpeg   3.5     progressive 9.5, gray 3.2                6.6     quality 100 7.9, gray 2.4
//   png    3.4 4.6 interlaced 6.0                           2.4 3.0
//   tiff   3.5 4.6 one deflated strip 5.7, of JPEG 9.2      2.4 3.2 stored 3.1
//   webp  10.4 12.6                                        11.9 27.5 lossless 37
//   bmp    3.0 4.0                                          3.0 4.0
//   gif    8.1 9.5                                         46   40
//   jxl    9.3 43  gray 16                                 52   66  lossless 81
//   avif  16.7 18.7                                        58   60  of 16 bits 79
//   heic  14.1 19.1                                        36   38
#include <algorithm>
#include <cstddef>

#include "codecs/save.h"
#include "pixmill/codecs/codec.h"

namespace pixmill::codecs {
namespace {

// Buffers of strips, of libvips between its operations, and what a call costs for the smallest picture.
constexpr int kBufferedRows = 640;
constexpr std::size_t kLeast = std::size_t{2} << 20;

std::size_t buffers(Size size, int channels, std::size_t sample_bytes) {
  const auto rows = static_cast<std::size_t>(std::min(kBufferedRows, size.height + 64));
  return kLeast + rows * static_cast<std::size_t>(size.width) * static_cast<std::size_t>(channels) * sample_bytes;
}

// Bytes a pixel that the decoder holds beside the pixels that it returns.
double held_by_decoder(const Header& header, double pixel_bytes) {
  const bool gray = header.channels == 1;
  const bool alpha = header.channels == 4;
  switch (header.format) {
    case Format::jpeg: return !header.in_passes ? 0 : gray ? 2 : 6;  // coefficients of 2 bytes
    case Format::png: return header.in_passes ? pixel_bytes : 0;
    case Format::tiff: return pixel_bytes;  // the picture may be one strip
    case Format::webp: return alpha ? 10 : 9;
    case Format::gif: return 6;
    case Format::jxl: return alpha ? 40 : 16;
    case Format::avif:
    case Format::heic: return header.bits > 8 ? 24 : 15;
    case Format::bmp: return 0;
  }
  return 0;
}

// Bytes a pixel of the file and of what the encoder holds. `pixel_bytes`: of the stored type.
double held_by_encoder(Format format, int channels, PixelType type, int quality, double pixel_bytes) {
  const bool gray = channels == 1;
  const bool lossless = quality >= 100;
  const bool wide = type != PixelType::u8;
  switch (format) {
    case Format::jpeg: return gray ? 3 : 8;  // coefficients of 2 bytes, for tables that fit; then the file
    case Format::png:
    case Format::tiff: return 1.02 * pixel_bytes;                       // noise is not made smaller
    case Format::webp: return lossless ? 40 : channels == 4 ? 30 : 13;  // alpha is lossless: 42 where it is noise
    case Format::gif: return gray ? 26 : 48;
    case Format::jxl: return lossless ? 90 : 70;
    case Format::avif: return wide ? 85 : 65;
    case Format::heic: return wide ? 60 : 42;
    case Format::bmp: return channels == 4 ? 4 : 3;
  }
  return 0;
}

}  // namespace

std::size_t decode_bytes(const Header& header) {
  const std::size_t sample_bytes = header.bits > 8 ? 2 : 1;
  const double pixel_bytes = static_cast<double>(header.channels) * static_cast<double>(sample_bytes);
  const double each = pixel_bytes + held_by_decoder(header, pixel_bytes);
  return static_cast<std::size_t>(each * static_cast<double>(header.size.area())) +
         buffers(header.size, header.channels, sample_bytes);
}

std::size_t encode_bytes(Format format, Size size, int channels, PixelType type, int quality) {
  const PixelType stored = stored_type(format, type);
  const double pixel_bytes = static_cast<double>(channels) * static_cast<double>(bytes_of(stored));
  double each = held_by_encoder(format, channels, stored, quality, pixel_bytes);
  if (stored != type) each += pixel_bytes;  // a converted copy
  return static_cast<std::size_t>(each * static_cast<double>(size.area())) + buffers(size, channels, bytes_of(stored));
}

}  // namespace pixmill::codecs
