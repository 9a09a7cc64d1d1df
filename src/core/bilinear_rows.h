// Bilinear enlargement on demand: a row at a time, and within it only the pixels that are requested.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
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
        columns_(bilinear_taps(small.width(), size.width)),
        rows_(bilinear_taps(small.height(), size.height)),
        row_(static_cast<std::size_t>(small.width()) * kChannels) {
    assert(small.channels() == kChannels);
  }

  // at() answers pixels of row `y` from now on.
  void seek(int y) {
    const BilinearTap& tap = rows_[y];
    const float* above = small_.row<float>(tap.first);
    const float* below = small_.row<float>(tap.second);
    for (std::size_t i = 0; i < row_.size(); ++i) row_[i] = above[i] + tap.weight * (below[i] - above[i]);
  }

  std::array<float, kChannels> at(int x) const {
    const BilinearTap& tap = columns_[x];
    const float* left = row_.data() + static_cast<std::size_t>(tap.first) * kChannels;
    const float* right = row_.data() + static_cast<std::size_t>(tap.second) * kChannels;
    std::array<float, kChannels> pixel;
    for (int c = 0; c < kChannels; ++c) pixel[c] = left[c] + tap.weight * (right[c] - left[c]);
    return pixel;
  }

 private:
  ImageView small_;
  std::vector<BilinearTap> columns_;
  std::vector<BilinearTap> rows_;
  std::vector<float> row_;
};

}  // namespace pixmill
