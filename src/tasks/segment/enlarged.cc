#include "tasks/segment/enlarged.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace pixmill::tasks {
namespace {

// `begin` and `extent`: of the picture in the input, in pixels of the input.
Axis axis(int begin, int extent, int pixels, int input, int samples) {
  const double per_input = static_cast<double>(samples) / input;
  const double from = begin * per_input, to = (begin + extent) * per_input;
  const int first = std::clamp(static_cast<int>(std::ceil(from - 0.5)), 0, samples - 1);
  const int last = std::clamp(static_cast<int>(std::floor(to - 0.5)), 0, samples - 1);
  const Axis whole{extent * per_input / pixels, from - 0.5, first, last};
  if (first <= last) return whole;
  const int nearest = std::clamp(static_cast<int>((from + to) / 2), 0, samples - 1);  // a picture of less than a sample
  return {whole.scale, whole.offset, nearest, nearest};
}

// The cells between two columns of samples, and where among them a line of 0 runs.
class Crossings {
 public:
  Crossings(const Map& map, const Grid& grid, const Rect& window)
      : map_(map), down_(grid.down), window_(window), rows_(static_cast<std::size_t>(map.samples.height)) {
    signs_.resize(map.values.size());
    for (std::size_t i = 0; i < signs_.size(); ++i) signs_[i] = map.values[i] > 0 ? 1 : 0;
  }

  // Between sample columns `left` and `right` of the map.
  void move_to(std::size_t left, std::size_t right) {
    left_ = map_.values.data() + left * rows_;
    right_ = map_.values.data() + right * rows_;
    const std::uint8_t *a = signs_.data() + left * rows_, *b = signs_.data() + right * rows_;
    mixed_.clear();
    for (std::size_t row = 0; row + 1 < rows_; ++row) {
      if (((a[row] + a[row + 1] + b[row] + b[row + 1]) & 3) != 0) mixed_.push_back(row);  // neither none nor all four
    }
  }

  // The pixels of column `x`, which lies at `share` of the way from the left to the right samples.
  void add(int x, float share, RunMaskBuilder& mask) const {
    const auto value = [&](std::size_t row) { return (1 - share) * left_[row] + share * right_[row]; };
    const int end = window_.y + window_.height;
    bool inside = value(0) > 0;
    int from = window_.y;
    for (const std::size_t row : mixed_) {
      const float above = value(row), below = value(row + 1);
      if ((below > 0) == inside) continue;
      const double at = static_cast<double>(row) + static_cast<double>(above / (above - below));
      const double y = down_.pixel(map_.samples.y + at);
      inside = !inside;
      if (inside) {
        from = static_cast<int>(std::clamp<double>(std::floor(y) + 1, window_.y, end));
      } else {
        mask.add(x, from, static_cast<int>(std::clamp<double>(std::ceil(y), window_.y, end)));
      }
    }
    if (inside) mask.add(x, from, end);
  }

 private:
  const Map& map_;
  const Axis down_;
  const Rect window_;
  const std::size_t rows_;
  std::vector<std::uint8_t> signs_;  // of all samples: 1 above 0
  const float *left_ = nullptr, *right_ = nullptr;
  std::vector<std::size_t> mixed_;  // the upper row of the cells with both signs
};

}  // namespace

double Axis::at(int pixel) const {
  return std::clamp<double>(scale * (pixel + 0.5) + offset, first, last);
}

double Axis::pixel(double at) const {
  return (at - offset) / scale - 0.5;
}

Grid grid_of(const Placement& placed, Size picture, Size map) {
  const auto& [input, content] = placed;
  return {axis(content.x, content.width, picture.width, input.width, map.width),
          axis(content.y, content.height, picture.height, input.height, map.height)};
}

Rect samples_for(const Grid& grid, const Rect& window) {
  const auto begin = [](const Axis& along, int first) { return static_cast<int>(along.at(first)); };
  const auto end = [](const Axis& along, int last) {
    return std::min(static_cast<int>(along.at(last)) + 1, along.last);
  };
  const int x = begin(grid.across, window.x), y = begin(grid.down, window.y);
  return {x, y, end(grid.across, window.x + window.width - 1) - x + 1,
          end(grid.down, window.y + window.height - 1) - y + 1};
}

RunMask above_zero(const Map& map, const Grid& grid, const Rect& window, Size picture) {
  RunMaskBuilder mask(picture);
  Crossings crossings(map, grid, window);
  const int last = map.samples.width - 1;
  int current = -1;
  for (int x = window.x; x < window.x + window.width; ++x) {
    const double at = grid.across.at(x) - map.samples.x;
    const int left = std::min(static_cast<int>(at), last), right = std::min(left + 1, last);
    if (left != current) crossings.move_to(static_cast<std::size_t>(left), static_cast<std::size_t>(right));
    current = left;
    crossings.add(x, static_cast<float>(at - left), mask);
  }
  return mask.take();
}

}  // namespace pixmill::tasks
