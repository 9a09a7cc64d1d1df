#include "tasks/segment/label_map.h"

#include <algorithm>
#include <limits>

namespace pixmill::tasks {
namespace {

// Cells below one another, between two columns of samples, that are of one class; or one cell that is not.
struct Stretch {
  int label = -1;        // of all its pixels; -1: look at each
  int row = 0;           // of the first cell
  int from = 0, to = 0;  // pixels
};

class LabelPainter {
 public:
  LabelPainter(const ClassMap& map, const std::vector<int>& largest, const Grid& grid, Size picture, int skip)
      : map_(map), largest_(largest), down_(grid.down), skip_(skip), last_(map.samples.height - 1) {
    for (std::size_t label = 0; label < map.classes; ++label) masks_.emplace_back(picture);
    // The first pixel that lies at or behind each sample.
    first_pixel_.assign(static_cast<std::size_t>(last_) + 2, picture.height);
    for (int y = picture.height - 1; y >= 0; --y) first_pixel_[static_cast<std::size_t>(row_of(y))] = y;
    for (std::size_t row = first_pixel_.size() - 1; row-- > 0;)
      first_pixel_[row] = std::min(first_pixel_[row], first_pixel_[row + 1]);
  }

  // Between the sample columns `left` and `right`.
  void move_to(int left, int right) {
    left_ = left, right_ = right;
    stretches_.clear();
    for (int row = 0; row <= last_; ++row) {
      const int from = first_pixel_[static_cast<std::size_t>(row)],
                to = first_pixel_[static_cast<std::size_t>(row) + 1];
      if (from == to) continue;
      const int label = label_of_cell(row);
      if (label >= 0 && !stretches_.empty() && stretches_.back().label == label) {
        stretches_.back().to = to;
      } else {
        stretches_.push_back({label, row, from, to});
      }
    }
  }

  // Column `x`, which lies at `share` of the way from the left to the right samples.
  void add(int x, float share) {
    for (const Stretch& stretch : stretches_) {
      if (stretch.label >= 0) {
        paint(stretch.label, x, stretch.from, stretch.to);
      } else {
        add_mixed(stretch, x, share);
      }
    }
  }

  std::vector<RunMask> take() {
    std::vector<RunMask> masks;
    for (RunMaskBuilder& mask : masks_) {
      masks.push_back(mask.take());
      if (area(masks.back()) == 0) masks.back() = {};
    }
    return masks;
  }

 private:
  int row_of(int y) const { return static_cast<int>(down_.at(y)) - map_.samples.y; }

  int label_of_cell(int row) const {
    const auto label = [&](int column, int of) { return largest_[map_.index(column, of)]; };
    const int below = std::min(row + 1, last_), first = label(left_, row);
    const bool same = label(right_, row) == first && label(left_, below) == first && label(right_, below) == first;
    return same ? first : -1;
  }

  // The classes that may be the largest somewhere in the cell: those that reach what another one has everywhere.
  void find_candidates(const float* const (&corners)[4]) {
    float floor = -std::numeric_limits<float>::infinity();
    for (std::size_t label = 0; label < map_.classes; ++label)
      floor = std::max(floor, std::min({corners[0][label], corners[1][label], corners[2][label], corners[3][label]}));
    candidates_.clear();
    for (std::size_t label = 0; label < map_.classes; ++label) {
      const auto [a, b, c, d] = corners;
      if (std::max({a[label], b[label], c[label], d[label]}) >= floor) candidates_.push_back({static_cast<int>(label)});
    }
  }

  void add_mixed(const Stretch& cell, int x, float share) {
    const int below = std::min(cell.row + 1, last_);
    const float* const corners[4] = {map_.at(left_, cell.row), map_.at(right_, cell.row), map_.at(left_, below),
                                     map_.at(right_, below)};
    find_candidates(corners);
    for (Candidate& one : candidates_) {
      const auto at = [&](int corner) { return corners[corner][one.label]; };
      one.above = (1 - share) * at(0) + share * at(1);
      one.below = (1 - share) * at(2) + share * at(3);
    }
    int from = cell.from, current = -1;
    for (int y = cell.from; y < cell.to; ++y) {
      const int label = largest_at(static_cast<float>(down_.at(y) - map_.samples.y - cell.row));
      if (label == current) continue;
      if (current >= 0) paint(current, x, from, y);
      from = y, current = label;
    }
    paint(current, x, from, cell.to);
  }

  int largest_at(float share) const {
    int label = -1;
    float largest = 0;
    for (const Candidate& one : candidates_) {
      const float value = (1 - share) * one.above + share * one.below;
      if (label >= 0 && !(value > largest)) continue;
      label = one.label, largest = value;
    }
    return label;
  }

  void paint(int label, int x, int from, int to) {
    if (label != skip_) masks_[static_cast<std::size_t>(label)].add(x, from, to);
  }

  struct Candidate {
    int label = 0;
    float above = 0, below = 0;  // its values at the column, on the samples above and below
  };

  const ClassMap& map_;
  const std::vector<int>& largest_;
  const Axis down_;
  const int skip_, last_;
  std::vector<RunMaskBuilder> masks_;
  std::vector<int> first_pixel_;
  int left_ = 0, right_ = 0;
  std::vector<Stretch> stretches_;
  std::vector<Candidate> candidates_;
};

}  // namespace

std::vector<int> largest_of(const ClassMap& map) {
  std::vector<int> labels;
  labels.reserve(map.values.size() / map.classes);
  for (const float* at = map.values.data(); at != map.values.data() + map.values.size(); at += map.classes)
    labels.push_back(static_cast<int>(std::max_element(at, at + map.classes) - at));
  return labels;
}

std::vector<RunMask> masks_of(const ClassMap& map, const std::vector<int>& largest, const Grid& grid, Size picture,
                              int skip) {
  LabelPainter painter(map, largest, grid, picture, skip);
  for_columns(
      map.samples, grid, 0, picture.width, [&](int left, int right) { painter.move_to(left, right); },
      [&](int x, float share) { painter.add(x, share); });
  return painter.take();
}

}  // namespace pixmill::tasks
