#include "pixmill/core/matte.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "core/composite_kernels.h"
#include "core/resize_kernels.h"
#include "core/resize_passes.h"
#include "core/resize_taps.h"

namespace pixmill {
namespace {

struct Range {
  float low = 1.0F;
  float high = 0.0F;

  void take(const Range& other) {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
  }
};

// Outputs first .. end - 1, which are made of the same inputs.
struct Cell {
  int first;
  int end;
};

std::vector<Cell> cells_of(const Taps& taps) {
  std::vector<Cell> cells;
  for (int i = 0; i < taps.outputs(); ++i) {
    const bool same = i > 0 && taps.first[i] == taps.first[i - 1] && taps.count[i] == taps.count[i - 1];
    if (same) {
      ++cells.back().end;
    } else {
      cells.push_back({i, i + 1});
    }
  }
  return cells;
}

// What the columns of `small` hold in `count` rows from `first` on.
std::vector<Range> ranges_of(ImageView small, int first, int count) {
  std::vector<Range> ranges(static_cast<std::size_t>(small.width()));
  for (int y = first; y < first + count; ++y) {
    const float* row = small.row<float>(y);
    for (int x = 0; x < small.width(); ++x) ranges[x].take({row[x], row[x]});
  }
  return ranges;
}

}  // namespace

Matte::Matte(ImageView small, Size size, float trace) : size_(size), trace_(trace) {
  assert(small.channels() == 1 && small.type() == PixelType::f32);
  const Taps across = resize_taps(small.width(), size.width, Filter::bilinear);
  const Taps down = resize_taps(small.height(), size.height, Filter::bilinear);
  const std::vector<Cell> columns = cells_of(across), rows = cells_of(down);

  std::size_t values = 0;
  for (const Cell& cell : rows) {
    const std::vector<Range> ranges = ranges_of(small, down.first[cell.first], down.count[cell.first]);
    Band band;
    band.top = cell.first;
    for (const Cell& column : columns) {
      Range range;
      for (int k = 0; k < across.count[column.first]; ++k) range.take(ranges[across.first[column.first] + k]);
      const bool clear = range.high <= trace, covered = range.low >= 1.0F - trace && trace >= 0.0F;
      const bool held = !clear && !covered;
      const float flat = covered ? 1.0F : 0.0F;
      Piece* const last = band.pieces.empty() ? nullptr : &band.pieces.back();
      if (last != nullptr && (last->at >= 0) == held && last->flat == flat) {
        last->end = column.end;
      } else {
        band.pieces.push_back({column.first, column.end, held ? static_cast<std::ptrdiff_t>(band.held) : -1, flat});
      }
      if (held) band.held += static_cast<std::size_t>(column.end - column.first);
    }
    values += band.held * static_cast<std::size_t>(cell.end - cell.first);
    add_band(std::move(band), cell.end);
  }

  values_ = AlignedBuffer(values * sizeof(float));
  float* next = reinterpret_cast<float*>(values_.data());
  if (trace >= 0.0F) small_ = copy(small);
  const Image wide = resample(small, across, {});
  const Grid<const float> from = {wide.row<float>(0), static_cast<std::size_t>(size.width)};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Band& band = bands_[i];
    band.values = next;
    const FloatTaps taps(part_of(down, rows[i].first, rows[i].end - rows[i].first));
    for (const Piece& piece : band.pieces) {
      if (piece.at < 0) continue;
      resize_kernels().weigh_f32(taps, {from.data + piece.begin, from.stride}, {band.values + piece.at, band.held},
                                 static_cast<std::size_t>(piece.end - piece.begin));
    }
    next += band.held * static_cast<std::size_t>(rows[i].end - rows[i].first);
  }
}

Matte::Matte(Image values) : size_(values.size()), dense_(std::move(values)) {
  assert(dense_.channels() == 1);
  Band band;
  band.held = static_cast<std::size_t>(size_.width);
  band.values = dense_.row<float>(0);
  band.pieces.push_back({0, size_.width, 0, 0.0F});
  add_band(std::move(band), size_.height);
}

void Matte::add_band(Band band, int bottom) {
  bands_.push_back(std::move(band));
  band_of_.resize(static_cast<std::size_t>(bottom), bands_.size() - 1);
}

const float* Matte::row(int y, std::vector<float>& scratch) const {
  if (!dense_.empty()) return dense_.row<float>(y);
  scratch.resize(static_cast<std::size_t>(size_.width));
  each_run(y, [&](const Run& run) {
    if (run.values == nullptr) {
      std::fill(scratch.begin() + run.begin, scratch.begin() + run.end, run.flat);
    } else {
      std::copy_n(run.values, run.width(), scratch.begin() + run.begin);
    }
  });
  return scratch.data();
}

Image Matte::dense() const {
  Image result(size_, 1, PixelType::f32);
  std::vector<float> scratch;
  for (int y = 0; y < size_.height; ++y) std::copy_n(row(y, scratch), size_.width, result.row<float>(y));
  return result;
}

Image Matte::to_u8() const {
  Image result(size_, 1);
  for (int y = 0; y < size_.height; ++y) {
    std::uint8_t* const to = result.row<std::uint8_t>(y);
    each_run(y, [&](const Run& run) {
      if (run.values == nullptr) {
        std::fill(to + run.begin, to + run.end, static_cast<std::uint8_t>(255.0F * run.flat));
      } else {
        composite_kernels().round(run.values, static_cast<std::size_t>(run.width()), to + run.begin);
      }
    });
  }
  return result;
}

// Adds the rows `first` .. `end` - 1 to `line`, column by column.
void Matte::add_rows(int first, int end, float* line) const {
  for (int y = first; y < end; ++y) {
    each_run(y, [&](const Run& run) {
      float* const to = line + run.begin;
      const int width = run.width();
      if (run.values != nullptr) {
        for (int x = 0; x < width; ++x) to[x] += run.values[x];
      } else if (run.flat != 0.0F && small_.empty()) {
        for (int x = 0; x < width; ++x) to[x] += 1.0F;
      }
    });
  }
}

// Adds what was left out of flat runs: `share[k]` of the row `first` + k of `wide`.
void Matte::add_traces(const Band& band, const Image& wide, int first, std::span<const double> share, float* line) {
  for (const Piece& piece : band.pieces) {
    if (piece.at >= 0) continue;
    for (std::size_t k = 0; k < share.size(); ++k) {
      const float* const from = wide.row<float>(first + static_cast<int>(k));
      const auto weight = static_cast<float>(share[k]);
      for (int x = piece.begin; x < piece.end; ++x) line[x] += weight * from[x];
    }
  }
}

Image Matte::reduced(Size size) const {
  assert(size.width <= size_.width && size.height <= size_.height);
  const Taps across = resize_taps(size_.width, size.width, Filter::box);
  const Taps down = resize_taps(size_.height, size.height, Filter::box);
  const bool traces = !small_.empty();
  const Taps enlarging = traces ? resize_taps(small_.height(), size_.height, Filter::bilinear) : Taps();
  const Image wide =
      traces ? resample(small_, resize_taps(small_.width(), size_.width, Filter::bilinear), {}) : Image();

  Image result(size, 1, PixelType::f32);
  std::vector<float> line(static_cast<std::size_t>(size_.width));
  for (int i = 0; i < size.height; ++i) {
    const int bottom = down.first[i] + down.count[i];
    std::fill(line.begin(), line.end(), 0.0F);
    add_rows(down.first[i], bottom, line.data());
    for (int y = down.first[i]; traces && y < bottom;) {
      const std::size_t band = band_of_[y];
      std::vector<double> share(static_cast<std::size_t>(enlarging.count[y]));
      const int first = enlarging.first[y];
      for (; y < bottom && band_of_[y] == band; ++y) {
        for (std::size_t k = 0; k < share.size(); ++k) {
          share[k] += enlarging.weight[static_cast<std::size_t>(y) * enlarging.width + k];
        }
      }
      add_traces(bands_[band], wide, first, share, line.data());
    }
    float* const to = result.row<float>(i);
    for (int x = 0; x < size.width; ++x) {
      const auto first = line.begin() + across.first[x];
      to[x] = std::accumulate(first, first + across.count[x], 0.0F) /
              (static_cast<float>(down.count[i]) * static_cast<float>(across.count[x]));
    }
  }
  return result;
}

Rect Matte::bounds(float threshold) const {
  const auto above = [threshold](float value) { return value > threshold; };
  int left = size_.width, right = 0, top = -1, bottom = 0;
  for (int y = 0; y < size_.height; ++y) {
    each_run(y, [&](const Run& run) {
      int first = run.begin, last = run.end;
      if (run.values == nullptr) {
        if (!above(run.flat)) return;
      } else {
        const float* const end = run.values + run.width();
        const float* const begin = std::find_if(run.values, end, above);
        if (begin == end) return;
        first += static_cast<int>(begin - run.values);
        while (!above(run.values[last - 1 - run.begin])) --last;
      }
      left = std::min(left, first);
      right = std::max(right, last);
      top = top < 0 ? y : top;
      bottom = y + 1;
    });
  }
  if (top < 0) return {};
  return {left, top, right - left, bottom - top};
}

void Matte::cut(float threshold) {
  assert(threshold > trace_ && threshold < 1.0F - trace_);
  small_ = {};  // flat runs are 0 or 1 from now on
  for (int y = 0; y < size_.height; ++y) {
    change_runs(y, [threshold](int begin, int end, float* values) {
      for (int i = 0; i < end - begin; ++i) values[i] = values[i] >= threshold ? 1.0F : 0.0F;
    });
  }
}

}  // namespace pixmill
