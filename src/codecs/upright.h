// Converts a decoder's rows to the pixels of an upright Image: channel layout and orientation in one pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pixmill/core/image.h"

namespace pixmill::codecs {

// How a pixel of `bands` samples becomes one of `channels`; the sample type stays.
struct RowLayout {
  enum class Kind {
    take,        // the first `channels` of the bands
    gray_alpha,  // 2 bands -> RGBA
    cmyk,        // 4 or 5 bands, ink 0..max -> RGB or RGBA by the plain formula, as browsers have it without a profile
  };
  Kind kind = Kind::take;
  int bands = 3;
  int channels = 3;
  PixelType type = PixelType::u8;   // u8 or u16
  int bits = 16;                    // u16: how many of the upper bits are used; the lower ones are filled
  std::vector<std::uint16_t> tone;  // gray: looked up first; empty: unchanged
};

// Writes strips of a picture of `size` (as stored) into an upright image, which must outlive this.
class UprightWriter {
 public:
  // `to`: upright(size, orientation) and the layout's channels and type; with orientation 1 or 2 it may have more rows.
  UprightWriter(Size size, int orientation, const RowLayout& layout, Image& to);  // orientation 1..8

  // `rows` rows of `layout.bands` samples per pixel, the first at `y`.
  void write(const std::byte* data, std::size_t stride, int y, int rows);

 private:
  void convert(const std::byte* data, std::size_t stride, int rows);
  void place(const std::byte* data, std::size_t stride, int y, int rows);

  Size size_;
  int orientation_;
  RowLayout layout_;
  Image& image_;
  std::vector<std::byte> converted_;
};

Size upright(Size size, int orientation);

}  // namespace pixmill::codecs
