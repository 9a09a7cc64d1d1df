#include "pixmill/core/bit_mask.h"

#include <algorithm>
#include <bit>

#include "core/bit_kernels.h"

namespace pixmill {
namespace {

constexpr int kWordBits = 64;

// The bits from `from` to before `to` of a row change.
void flip(std::uint64_t* row, int from, int to) {
  const int first = from / kWordBits, last = to / kWordBits;
  const std::uint64_t before_from = (std::uint64_t{1} << (from % kWordBits)) - 1;
  const std::uint64_t before_to = (std::uint64_t{1} << (to % kWordBits)) - 1;
  if (first == last) {
    row[first] ^= before_to & ~before_from;
    return;
  }
  row[first] ^= ~before_from;
  for (int i = first + 1; i < last; ++i) row[i] = ~row[i];
  if (before_to != 0) row[last] ^= before_to;
}

// A part of a mask, in which each span of pixels is marked where it begins and where it ends.
class Marks {
 public:
  explicit Marks(const Rect& where)
      : where_(where),
        first_word_(where.x / kWordBits),
        words_(static_cast<std::size_t>((where.x + where.width - 1) / kWordBits - first_word_ + 1)),
        bits_(words_ * static_cast<std::size_t>(where.height + 1)) {}

  // Of column `x`, from row `from` to before row `to`.
  void add(int x, int from, int to) {
    const std::uint64_t bit = std::uint64_t{1} << (x % kWordBits);
    const auto word = static_cast<std::size_t>(x / kWordBits - first_word_);
    row(from)[word] ^= bit;
    row(to)[word] ^= bit;
  }

  // A pixel is inside behind an odd number of marks of its column.
  void add_to(BitMask& mask) {
    std::vector<std::uint64_t> inside(words_);
    for (int y = where_.y; y < where_.y + where_.height; ++y) {
      const std::uint64_t* marks = row(y);
      std::uint64_t* to = mask.row(y) + first_word_;
      for (std::size_t i = 0; i < words_; ++i) to[i] |= inside[i] ^= marks[i];
    }
  }

 private:
  std::uint64_t* row(int y) { return bits_.data() + static_cast<std::size_t>(y - where_.y) * words_; }

  Rect where_;
  int first_word_;
  std::size_t words_;
  std::vector<std::uint64_t> bits_;
};

// Columns of the upright picture are columns of the stored one.
void add_columns(BitMask& bits, const RunMask& mask, bool mirrored, bool flipped) {
  const int width = mask.size.width, height = mask.size.height;
  Rect where = bounds(mask);
  if (mirrored) where.x = width - where.x - where.width;
  if (flipped) where.y = height - where.y - where.height;
  if (where.width == 0) return;
  Marks marks(where);
  each_span(mask, [&](int x, int from, int to) {
    marks.add(mirrored ? width - 1 - x : x, flipped ? height - to : from, flipped ? height - from : to);
  });
  marks.add_to(bits);
}

// Columns of the upright picture are rows of the stored one.
void add_rows(BitMask& bits, const RunMask& mask, bool mirrored, bool flipped) {
  const int width = mask.size.width, height = mask.size.height;
  std::vector<std::uint64_t> row(bits.words() + 1);
  each_span(mask, [&](int x, int from, int to) {
    std::fill(row.begin(), row.end(), 0);
    flip(row.data(), mirrored ? height - to : from, mirrored ? height - from : to);
    std::uint64_t* stored = bits.row(flipped ? width - 1 - x : x);
    for (std::size_t i = 0; i < bits.words(); ++i) stored[i] |= row[i];
  });
}

// Calls step(s) for steps that together look as far as `radius`, each at most as far as those before it and 1.
template <typename Step>
void double_up(int radius, Step step) {
  for (int done = 1; done <= radius;) {
    const int more = std::min(done, radius + 1 - done);
    step(static_cast<std::size_t>(more));
    done += more;
  }
}

void dilate_rows(BitMask& mask, int radius) {
  const BitKernels& kernels = bit_kernels();
  const std::size_t words = mask.words();
  std::vector<std::uint64_t> buffer(3 * words + 2);  // what is shifted in from both sides is 0
  std::uint64_t* row = buffer.data() + words + 1;
  for (int y = 0; y < mask.size().height; ++y) {
    std::uint64_t* bits = mask.row(y);
    if (std::all_of(bits, bits + words, [](std::uint64_t word) { return word == 0; })) continue;
    std::copy(bits, bits + words, row);
    double_up(radius, [&](std::size_t step) { kernels.or_from_left(row, words, step); });
    double_up(radius, [&](std::size_t step) { kernels.or_from_right(row, words, step); });
    std::copy(row, row + words, bits);
  }
}

void dilate_columns(BitMask& mask, int radius) {
  const BitKernels& kernels = bit_kernels();
  std::vector<std::uint64_t>& bits = mask.bits();
  const std::size_t words = mask.words();
  double_up(radius, [&](std::size_t step) { kernels.or_from_before(bits.data(), bits.size(), step * words); });
  double_up(radius, [&](std::size_t step) { kernels.or_from_behind(bits.data(), bits.size(), step * words); });
}

}  // namespace

BitMask::BitMask(Size size)
    : size_(size),
      words_(static_cast<std::size_t>((size.width + kWordBits - 1) / kWordBits)),
      bits_(words_ * static_cast<std::size_t>(size.height)) {}

void BitMask::clear_margin() {
  const int used = size_.width % kWordBits;
  if (used == 0) return;
  const std::uint64_t kept = (std::uint64_t{1} << used) - 1;
  for (int y = 0; y < size_.height; ++y) row(y)[words_ - 1] &= kept;
}

std::int64_t area(const BitMask& mask) {
  std::int64_t pixels = 0;
  for (const std::uint64_t word : mask.bits()) pixels += std::popcount(word);
  return pixels;
}

void add(BitMask& bits, const RunMask& mask, int orientation) {
  switch (orientation) {
    case 2: return add_columns(bits, mask, true, false);
    case 3: return add_columns(bits, mask, true, true);
    case 4: return add_columns(bits, mask, false, true);
    case 5: return add_rows(bits, mask, false, false);
    case 6: return add_rows(bits, mask, false, true);
    case 7: return add_rows(bits, mask, true, true);
    case 8: return add_rows(bits, mask, true, false);
    default: return add_columns(bits, mask, false, false);
  }
}

void unite(BitMask& mask, const BitMask& other) {
  for (std::size_t i = 0; i < mask.bits().size(); ++i) mask.bits()[i] |= other.bits()[i];
}

void invert(BitMask& mask) {
  for (std::uint64_t& word : mask.bits()) word = ~word;
  mask.clear_margin();
}

// Looking to one side and then from there to the other one sees the whole window, also at the edges: what the first
// pass moved beyond an edge stands at the edge too.
void dilate(BitMask& mask, int radius) {
  if (radius < 1 || mask.bits().empty()) return;
  dilate_rows(mask, std::min(radius, mask.size().width - 1));
  mask.clear_margin();
  dilate_columns(mask, std::min(radius, mask.size().height - 1));
}

// A strip with both edges in its middle, as far as they grow, shows what comes across.
void dilate_around(BitMask& mask, int radius) {
  const int width = mask.size().width, height = mask.size().height, reach = std::min(radius, width);
  if (reach < 1) return;
  BitMask strip({2 * reach, height});
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < reach; ++x) {
      if (mask.at(width - reach + x, y)) strip.set(x, y);
      if (mask.at(x, y)) strip.set(reach + x, y);
    }
  }
  dilate(strip, radius);
  dilate(mask, radius);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < reach; ++x) {
      if (strip.at(x, y)) mask.set(width - reach + x, y);
      if (strip.at(reach + x, y)) mask.set(x, y);
    }
  }
}

void erode(BitMask& mask, int radius) {
  invert(mask);
  dilate(mask, radius);
  invert(mask);
}

void write_bytes(const BitMask& mask, int y, std::uint8_t* to) {
  bit_kernels().to_bytes(mask.row(y), static_cast<std::size_t>(mask.size().width), to);
}

Image image_of(const BitMask& mask) {
  Image image(mask.size(), 1);
  for (int y = 0; y < mask.size().height; ++y) write_bytes(mask, y, image.row<std::uint8_t>(y));
  return image;
}

BitMask bits_of(ImageView gray, std::uint8_t least) {
  BitMask mask(gray.size());
  for (int y = 0; y < gray.height(); ++y) {
    const std::uint8_t* from = gray.row<std::uint8_t>(y);
    std::uint64_t* to = mask.row(y);
    for (int x = 0; x < gray.width(); ++x)
      to[x / kWordBits] |= static_cast<std::uint64_t>(from[x] >= least) << (x % kWordBits);
  }
  return mask;
}

}  // namespace pixmill
