// Masks as bits, a word for 64 pixels: what growing, shrinking and joining masks works on.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/core/run_mask.h"

namespace pixmill {

// Which pixels are inside. Rows from the top, each in whole words; the lowest bit of a word is its leftmost pixel. Bits
// beyond the right edge are 0. Not synchronised: one writer, or many readers.
class BitMask {
 public:
  BitMask() = default;
  explicit BitMask(Size size);  // nothing is inside

  Size size() const { return size_; }
  std::size_t words() const { return words_; }  // of a row
  std::uint64_t* row(int y) { return bits_.data() + static_cast<std::size_t>(y) * words_; }
  const std::uint64_t* row(int y) const { return bits_.data() + static_cast<std::size_t>(y) * words_; }
  std::vector<std::uint64_t>& bits() { return bits_; }
  const std::vector<std::uint64_t>& bits() const { return bits_; }

  bool at(int x, int y) const { return (row(y)[x / 64] >> (x % 64) & 1U) != 0; }
  void set(int x, int y) { row(y)[x / 64] |= std::uint64_t{1} << (x % 64); }
  void clear_margin();  // the bits beyond the right edge, for who wrote whole words

  bool operator==(const BitMask&) const = default;

 private:
  Size size_;
  std::size_t words_ = 0;
  std::vector<std::uint64_t> bits_;
};

std::int64_t area(const BitMask& mask);  // pixels inside

// The first pixel of row `y` from `x` on that is inside (or outside); the width where there is none.
inline int find(const BitMask& mask, int x, int y, bool inside) {
  const std::uint64_t* row = mask.row(y);
  const int width = mask.size().width;
  while (x < width) {
    const std::uint64_t word = (inside ? row[x / 64] : ~row[x / 64]) >> (x % 64);
    if (word != 0) return std::min(x + std::countr_zero(word), width);
    x += 64 - x % 64;
  }
  return width;
}

// Calls visit(from, to, inside) for the runs of row `y`, from the left.
template <typename Visit>
void each_run(const BitMask& mask, int y, Visit visit) {
  bool inside = mask.at(0, y);
  for (int from = 0; from < mask.size().width; inside = !inside) {
    const int to = find(mask, from, y, !inside);
    visit(from, to, inside);
    from = to;
  }
}

// The pixels of `mask` become inside. `orientation`: 1..8 as EXIF counts them: `mask` is of the upright picture, `bits`
// of the picture as it is stored. Sizes must fit.
void add(BitMask& bits, const RunMask& mask, int orientation = 1);

// Of masks of one size: what is in one or both.
void unite(BitMask& mask, const BitMask& other);

void invert(BitMask& mask);

// Each pixel inside grows to the square of 2 * radius + 1 around it, cut at the edges: what cv2.dilate makes with a
// kernel of ones of that side. In both directions it takes about log2(radius) passes over the words.
void dilate(BitMask& mask, int radius);

// The same of a panorama, whose left and right edges meet: pixels near one of them grow across it.
void dilate_around(BitMask& mask, int radius);

// The pixels stay whose square is inside; what lies beyond the edges counts as inside, as for cv2.erode.
void erode(BitMask& mask, int radius);

// Parts that are outside and touch no edge of the picture become inside. Outside, pixels that touch at a corner are two
// parts.
void fill_holes(BitMask& mask);

// Parts with fewer pixels go. Inside, pixels that touch at a corner are one part.
void remove_small_parts(BitMask& mask, std::int64_t least);

// Its row as bytes, one a pixel: 0 or 255. `to`: size().width of them.
void write_bytes(const BitMask& mask, int y, std::uint8_t* to);
Image image_of(const BitMask& mask);  // u8, one channel, 0 or 255

// Inside is what is `least` or more. `gray`: u8, one channel.
BitMask bits_of(ImageView gray, std::uint8_t least);

}  // namespace pixmill
