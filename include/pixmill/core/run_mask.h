// Masks as runs of pixels: a few hundred bytes where a bitmap has millions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "pixmill/core/image.h"

namespace pixmill {

// Which pixels of a picture belong to something, as COCO writes it: the pixels in the order of the columns, from the
// top of the first one; runs of pixels outside and inside by turns, the first one outside (it may be 0).
struct RunMask {
  Size size;                        // of the picture
  std::vector<std::uint32_t> runs;  // sum: size.area(); none but the first is 0; empty: there is no mask

  bool empty() const { return runs.empty(); }
  bool operator==(const RunMask&) const = default;
};

// True for a mask that holds what is said above.
bool is_valid(const RunMask& mask);

std::int64_t area(const RunMask& mask);  // pixels inside
Rect bounds(const RunMask& mask);        // the smallest one around them; all 0 where there are none

// Pixels in both, by pixels in one or both: 0..1; 0 where there are none. The sizes must be equal.
double iou(const RunMask& a, const RunMask& b);

// Calls visit(x, from, to) for the pixels inside, from row `from` to before row `to` of a column; columns from the
// left, rows from the top. `mask` must be valid.
template <typename Visit>
void each_span(const RunMask& mask, Visit visit) {
  const std::int64_t height = mask.size.height;
  std::int64_t at = 0;
  for (std::size_t i = 0; i < mask.runs.size(); at += mask.runs[i], ++i) {
    if (i % 2 == 0) continue;
    const std::int64_t end = at + mask.runs[i];
    for (std::int64_t from = at; from < end;) {
      const std::int64_t x = from / height, to = std::min(end, (x + 1) * height);
      visit(static_cast<int>(x), static_cast<int>(from - x * height), static_cast<int>(to - x * height));
      from = to;
    }
  }
}

// Appends pixels to a mask in its own order.
class RunMaskBuilder {
 public:
  explicit RunMaskBuilder(Size size) : size_(size) {}

  // The pixels of column `x` from row `from` to before row `to` are inside. Each call must begin at or after the end
  // of the last one: columns from the left, rows from the top.
  void add(int x, int from, int to) {
    const std::int64_t start = std::int64_t{x} * size_.height + from;
    if (to <= from) return;
    if (start > end_ || runs_.empty()) {
      runs_.push_back(static_cast<std::uint32_t>(start - end_));
      runs_.push_back(static_cast<std::uint32_t>(to - from));
    } else {
      runs_.back() += static_cast<std::uint32_t>(to - from);
    }
    end_ = start + to - from;
  }
  RunMask take();

 private:
  Size size_;
  std::vector<std::uint32_t> runs_;
  std::int64_t end_ = 0;  // of the pixels so far
};

// `bitmap`: u8, one channel; what is not 0 is inside. It lies at (x, y) in a picture of the size `picture`, inside it.
RunMask mask_of_bitmap(ImageView bitmap, Size picture, int x = 0, int y = 0);

// A mask of a part of a picture, which begins at (x, y) and lies inside, as a mask of the picture.
RunMask placed(const RunMask& part, Size picture, int x, int y);

// The pixels of one or both masks, which are of one size.
RunMask united(const RunMask& a, const RunMask& b);

// The part of the mask in `window`, which must lie inside the picture: u8, one channel, 0 or 255.
Image bitmap_of(const RunMask& mask, const Rect& window);

}  // namespace pixmill
