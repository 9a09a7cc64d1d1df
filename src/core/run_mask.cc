#include "pixmill/core/run_mask.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace pixmill {

bool is_valid(const RunMask& mask) {
  if (mask.runs.empty()) return true;
  if (mask.size.width < 1 || mask.size.height < 1) return false;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < mask.runs.size(); ++i) {
    if (mask.runs[i] == 0 && i > 0) return false;
    sum += mask.runs[i];
  }
  return sum == mask.size.area();
}

std::int64_t area(const RunMask& mask) {
  std::int64_t sum = 0;
  for (std::size_t i = 1; i < mask.runs.size(); i += 2) sum += mask.runs[i];
  return sum;
}

Rect bounds(const RunMask& mask) {
  int left = mask.size.width, right = 0, top = mask.size.height, bottom = 0;
  each_span(mask, [&](int x, int from, int to) {
    left = std::min(left, x);
    right = std::max(right, x + 1);
    top = std::min(top, from);
    bottom = std::max(bottom, to);
  });
  return left < right ? Rect{left, top, right - left, bottom - top} : Rect{};
}

double iou(const RunMask& a, const RunMask& b) {
  std::int64_t both = 0, at_a = 0, at_b = 0;  // at_: the end of the run before
  for (std::size_t i = 0, j = 0; i < a.runs.size() && j < b.runs.size();) {
    const std::int64_t end_a = at_a + a.runs[i], end_b = at_b + b.runs[j];
    if (i % 2 == 1 && j % 2 == 1) both += std::max<std::int64_t>(0, std::min(end_a, end_b) - std::max(at_a, at_b));
    if (end_a <= end_b) at_a = end_a, ++i;
    if (end_b <= end_a) at_b = end_b, ++j;
  }
  const std::int64_t either = area(a) + area(b) - both;
  return either > 0 ? static_cast<double>(both) / static_cast<double>(either) : 0.0;
}

RunMask RunMaskBuilder::take() {
  const std::int64_t rest = size_.area() - end_;
  if (rest > 0 || runs_.empty()) runs_.push_back(static_cast<std::uint32_t>(rest));
  end_ = 0;
  return {size_, std::exchange(runs_, {})};
}

RunMask mask_of_bitmap(ImageView bitmap, Size picture, int left, int top) {
  RunMaskBuilder mask(picture);
  const int height = bitmap.height();
  constexpr int kColumns = 64;  // that are read of each row at a time, as rows lie far apart
  std::vector<std::uint8_t> columns(static_cast<std::size_t>(kColumns) * static_cast<std::size_t>(height));
  for (int x = 0; x < bitmap.width(); x += kColumns) {
    const int count = std::min(kColumns, bitmap.width() - x);
    for (int y = 0; y < height; ++y) {
      const std::uint8_t* row = bitmap.row<std::uint8_t>(y) + x;
      for (int i = 0; i < count; ++i)
        columns[static_cast<std::size_t>(i) * static_cast<std::size_t>(height) + static_cast<std::size_t>(y)] = row[i];
    }
    for (int i = 0; i < count; ++i) {
      const std::uint8_t* column = columns.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(height);
      for (int y = 0; y < height;) {
        while (y < height && column[y] == 0) ++y;
        const int from = y;
        while (y < height && column[y] != 0) ++y;
        mask.add(left + x + i, top + from, top + y);
      }
    }
  }
  return mask.take();
}

RunMask placed(const RunMask& part, Size picture, int left, int top) {
  RunMaskBuilder mask(picture);
  each_span(part, [&](int x, int from, int to) { mask.add(left + x, top + from, top + to); });
  return mask.take();
}

RunMask united(const RunMask& a, const RunMask& b) {
  RunMask mask{a.size, {}};
  bool inside = true;  // of the run that is written last; the first one is outside
  const auto append = [&](std::int64_t pixels, bool is_inside) {
    if (pixels == 0 && !mask.runs.empty()) return;
    if (is_inside == inside && !mask.runs.empty()) {
      mask.runs.back() += static_cast<std::uint32_t>(pixels);
    } else {
      if (mask.runs.empty() && is_inside) mask.runs.push_back(0);
      mask.runs.push_back(static_cast<std::uint32_t>(pixels));
      inside = is_inside;
    }
  };
  std::int64_t at = 0, end_a = a.runs.empty() ? a.size.area() : a.runs[0];
  std::int64_t end_b = b.runs.empty() ? b.size.area() : b.runs[0];
  for (std::size_t i = 0, j = 0; at < a.size.area();) {
    const std::int64_t end = std::min(end_a, end_b);
    if (end > at) append(end - at, i % 2 == 1 || j % 2 == 1);
    at = end;
    if (end_a == end && ++i < a.runs.size()) end_a += a.runs[i];
    if (end_b == end && ++j < b.runs.size()) end_b += b.runs[j];
  }
  return mask;
}

Image bitmap_of(const RunMask& mask, const Rect& window) {
  Image bitmap({window.width, window.height}, 1);
  std::memset(bitmap.data(), 0, bitmap.bytes());
  each_span(mask, [&](int x, int from, int to) {
    if (x < window.x || x >= window.x + window.width) return;
    const int end = std::min(to, window.y + window.height);
    for (int y = std::max(from, window.y); y < end; ++y) bitmap.row<std::uint8_t>(y - window.y)[x - window.x] = 255;
  });
  return bitmap;
}

}  // namespace pixmill
