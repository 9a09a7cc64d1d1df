// Bilinear enlargement on demand: a row at a time, and within it only the columns that are requested.
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <vector>

#include "pixmill/core/image.h"

namespace pixmill {

// Where a pixel of the enlarged picture lies between two of the small one: half-pixel centres, the border continues.
struct BilinearTap {
  int first = 0;
  int second = 0;
  float weight = 0.0F;  // of `second`
};

inline std::vector<BilinearTap> bilinear_taps(int from, int to) {
  std::vector<BilinearTap> taps(static_cast<std::size_t>(to));
  const double scale = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    const double at = std::clamp((i + 0.5) * scale - 0.5, 0.0, from - 1.0);
    const int first = static_cast<int>(at);
    taps[i] = {first, std::min(first + 1, from - 1), static_cast<float>(at - first)};
  }
  return taps;
}

// Reads `small` (f32, kChannels interleaved, which must outlive this) as if it had the size `size`. Not thread-safe.
template <int kChannels>
class BilinearRows {
 public:
  BilinearRows(ImageView small, Size size)
      : small_(small),
        weights_(static_cast<std::size_t>(size.width) + kSpare),
        rows_(bilinear_taps(small.height(), size.height)),
        row_(static_cast<std::size_t>(small.width()) * kChannels) {
    assert(small.channels() == kChannels);
    take_columns(bilinear_taps(small.width(), size.width));
  }

  // The columns from `begin` to `end` - 1 of row `y` in parts that lie between the same two columns of the small
  // picture: act(int begin, int end, const float* left, const float* right, const float* weights), a weight of `right`
  // for each.
  template <typename Act>
  void each_cell(int y, int begin, int end, Act&& act) {
    if (begin >= end) return;
    interpolate(rows_[y], columns_[begin].first, columns_[end - 1].second + 1);
    for (int x = begin; x < end;) {
      const Column& column = columns_[x];
      const int next = std::min(column.end, end);
      act(x, next, pixel(column.first), pixel(column.second), weights_.data() + x);
      x = next;
    }
  }

 private:
  struct Column {
    int first;
    int second;
    int end;  // past the last column between these two
  };

  // The columns `begin` .. `end` - 1 of the small picture, in row_.
  void interpolate(const BilinearTap& tap, int begin, int end) {
    const float* above = small_.row<float>(tap.first);
    const float* below = small_.row<float>(tap.second);
    for (int i = begin * kChannels; i < end * kChannels; ++i) row_[i] = above[i] + tap.weight * (below[i] - above[i]);
  }

  const float* pixel(int x) const { return row_.data() + static_cast<std::size_t>(x) * kChannels; }

  void take_columns(const std::vector<BilinearTap>& taps) {
    columns_.reserve(taps.size());
    for (const BilinearTap& tap : taps) columns_.push_back({tap.first, tap.second, 0});
    for (int x = static_cast<int>(taps.size()) - 1; x >= 0; --x) {
      const bool last = x + 1 == static_cast<int>(taps.size()) || taps[x + 1].first != taps[x].first;
      columns_[x].end = last ? x + 1 : columns_[x + 1].end;
      weights_[x] = taps[x].weight;
    }
  }

  static constexpr std::size_t kSpare = AlignedBuffer::kSlack / sizeof(float);  // kernels read whole vectors

  ImageView small_;
  std::vector<Column> columns_;
  std::vector<float> weights_;
  std::vector<BilinearTap> rows_;
  std::vector<float> row_;
};

}  // namespace pixmill
