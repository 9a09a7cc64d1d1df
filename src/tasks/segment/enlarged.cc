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
      : map_(map),
        per_sample_(1 / grid.down.scale),
        begin_((map.samples.y - grid.down.offset) / grid.down.scale - 0.5),
        top_(window.y),
        bottom_(window.y + window.height),
        rows_(static_cast<std::size_t>(map.samples.height)) {
    signs_.resize(map.values.size());
    for (std::size_t i = 0; i < signs_.size(); ++i) signs_[i] = map.values[i] > 0 ? 1 : 0;
  }

  // Between sample columns `left` and `right` of the map.
  void move_to(std::size_t left, std::size_t right) {
    const float *l = map_.values.data() + left * rows_, *r = map_.values.data() + right * rows_;
    const std::uint8_t *a = signs_.data() + left * rows_, *b = signs_.data() + right * rows_;
    first_ = {*l, *r - *l};
    mixed_.clear();
    for (std::size_t row = 0; row + 1 < rows_; ++row) {
      const int positive = a[row] + a[row + 1] + b[row] + b[row + 1];
      if (positive % 4 == 0) continue;  // none or all
      mixed_.push_back({static_cast<double>(row), {l[row], r[row] - l[row]}, {l[row + 1], r[row + 1] - l[row + 1]}});
    }
  }

  // The pixels of column `x`, which lies at `share` of the way from the left to the right samples.
  void add(int x, float share, RunMaskBuilder& mask) const {
    bool inside = first_.at(share) > 0;
    int from = top_;
    for (const Cell& cell : mixed_) {
      const float below = cell.below.at(share);
      if ((below > 0) == inside) continue;
      const float above = cell.above.at(share);
      const double at = cell.row + static_cast<double>(above / (above - below));
      const double y = std::clamp<double>(begin_ + at * per_sample_, top_ - 1, bottom_);
      inside = !inside;
      if (inside) {
        from = static_cast<int>(y + 1);  // the first one behind the crossing
      } else {
        const int whole = static_cast<int>(y + 1) - 1;
        mask.add(x, from, y > whole ? whole + 1 : whole);
      }
    }
    if (inside) mask.add(x, from, bottom_);
  }

 private:
  // A value between two samples beside each other.
  struct Between {
    float left = 0, difference = 0;
    float at(float share) const { return left + share * difference; }
  };
  // Four samples, some of them above 0 and some not.
  struct Cell {
    double row = 0;  // of the upper two
    Between above, below;
  };

  const Map& map_;
  const double per_sample_, begin_;  // pixels from a sample to the next; the first one's, in pixels
  const int top_, bottom_;           // of the window
  const std::size_t rows_;
  std::vector<std::uint8_t> signs_;  // of all samples: 1 above 0
  Between first_;                    // of the first row
  std::vector<Cell> mixed_;
};

}  // namespace

double Axis::at(int pixel) const {
  return std::clamp<double>(scale * (pixel + 0.5) + offset, first, last);
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
  for_columns(
      map.samples, grid, window.x, window.x + window.width,
      [&](int left, int right) { crossings.move_to(static_cast<std::size_t>(left), static_cast<std::size_t>(right)); },
      [&](int x, float share) { crossings.add(x, share, mask); });
  return mask.take();
}

}  // namespace pixmill::tasks
