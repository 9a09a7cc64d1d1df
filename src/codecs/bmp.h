// Windows bitmaps, which libvips has no codec for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/image.h"

namespace pixmill::codecs {

// Reads bitmaps of 1, 4, 8, 16, 24 and 32 bits, with masks or RLE. Immutable after construction.
class BmpReader {
 public:
  // Reads the header. Throws Error: corrupt, unsupported. `file` must outlive the reader.
  BmpReader(std::span<const std::byte> file, std::string_view name);

  Size size() const { return size_; }
  int channels() const { return has_alpha() ? 4 : 3; }
  double pixels_per_mm() const { return pixels_per_mm_; }  // 0: not stated

  Image read() const;  // u8, upright; throws Error{corrupt}

 private:
  struct Channel {
    std::uint32_t mask = 0;
    int shift = 0;
    std::uint8_t operator()(std::uint32_t pixel) const;  // widened to 0..255
  };

  bool has_alpha() const { return channels_[3].mask != 0; }
  bool is_rle() const { return compression_ == 1 || compression_ == 2; }
  void read_masks();
  void read_palette();
  void read_direct(Image& image) const;
  void read_indexed(Image& image) const;
  void read_rle(Image& image) const;
  std::uint8_t* pixel_at(Image& image, int x, int y) const;  // y counts as the file does
  void put_index(std::uint8_t* pixel, std::uint32_t index) const;
  std::uint32_t number(std::size_t offset, std::size_t bytes) const;  // little-endian; throws beyond the end
  [[noreturn]] void fail(const std::string& what) const;

  std::span<const std::byte> file_;
  std::string name_;
  Size size_;
  std::size_t header_bytes_ = 0;
  std::size_t pixels_offset_ = 0;
  int bits_ = 0;
  std::uint32_t compression_ = 0;
  bool top_down_ = false;
  double pixels_per_mm_ = 0.0;
  std::array<Channel, 4> channels_;  // red, green, blue, alpha
  std::vector<std::array<std::uint8_t, 3>> palette_;
};

// Bitmaps as they are written: 24 bits, or 32 with masks where there is alpha; gray becomes RGB; the last row first.
std::uint64_t bmp_bytes(Size size, bool alpha);  // of the whole file
std::vector<std::byte> bmp_header(Size size, bool alpha, double pixels_per_mm);
std::size_t bmp_row_bytes(int width, bool alpha);
// One row of `width` u8 pixels as the file has it: bmp_row_bytes() bytes, padding included.
void write_bmp_row(const std::uint8_t* in, int width, int channels, std::byte* out);

// The whole file. `image`: u8.
std::vector<std::byte> encode_bmp(ImageView image, double pixels_per_mm);

}  // namespace pixmill::codecs
