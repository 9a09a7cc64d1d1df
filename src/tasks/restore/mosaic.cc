#include "tasks/restore/mosaic.h"

#include <algorithm>
#include <span>

#include "pixmill/core/planes.h"

namespace pixmill::tasks {

Mosaic::Mosaic(const TilePlan& plan, int factor, int planes)
    : plan_(plan), factor_(factor), planes_(planes), width_(plan.columns.length * factor) {
  for (std::size_t row = 0; row < plan.rows.tiles(); ++row)
    height_ = std::max(height_, plan.rows.part(row).length() * factor);
  values_.assign(static_cast<std::size_t>(planes) * height_ * width_, 0.0F);
}

void Mosaic::add(const Planes& tile, std::size_t column, std::size_t row) {
  const Span across = plan_.columns.part(column), down = plan_.rows.part(row);
  const std::vector<float> columns = plan_.columns.weights(column, factor_);
  const std::vector<float> rows = plan_.rows.weights(row, factor_);
  const int left = (across.from - plan_.columns.covered_from(column)) * factor_;
  const int above = (down.from - plan_.rows.covered_from(row)) * factor_;
  for (int plane = 0; plane < planes_; ++plane) {
    for (std::size_t y = 0; y < rows.size(); ++y) {
      const float* const from = tile.row(plane, above + static_cast<int>(y)) + left;
      float* const to = place(plane, down.from * factor_ + static_cast<int>(y)) + across.from * factor_;
      add_weighted({from, columns.size()}, columns, rows[y], {to, columns.size()});
    }
  }
}

Mosaic::Rows Mosaic::finished(std::size_t row) const {
  const bool last = row + 1 == plan_.rows.tiles();
  const int end = (last ? plan_.rows.length : plan_.rows.joints[row].from) * factor_;
  return {top_, end - top_};
}

const float* Mosaic::at(int plane, int y) const {
  return values_.data() + (static_cast<std::size_t>(plane) * height_ + (y - top_)) * width_;
}

void Mosaic::next(std::size_t row) {
  const int gone = finished(row).count, kept = height_ - gone;
  for (int plane = 0; plane < planes_; ++plane) {
    float* const start = values_.data() + static_cast<std::size_t>(plane) * height_ * width_;
    std::copy(start + static_cast<std::size_t>(gone) * width_, start + static_cast<std::size_t>(height_) * width_,
              start);
    std::fill(start + static_cast<std::size_t>(kept) * width_, start + static_cast<std::size_t>(height_) * width_,
              0.0F);
  }
  top_ += gone;
}

Planes put_together(const TilePlan& plan, int factor, int planes,
                    const std::function<Planes(std::size_t column, std::size_t row)>& tile_at) {
  Planes whole({plan.columns.length * factor, plan.rows.length * factor}, planes);
  Mosaic mosaic(plan, factor, planes);
  for (std::size_t row = 0; row < plan.rows.tiles(); ++row) {
    for (std::size_t column = 0; column < plan.columns.tiles(); ++column) mosaic.add(tile_at(column, row), column, row);
    const Mosaic::Rows rows = mosaic.finished(row);
    for (int plane = 0; plane < planes; ++plane) {
      for (int y = rows.first; y < rows.first + rows.count; ++y)
        std::copy_n(mosaic.at(plane, y), whole.size().width, whole.row(plane, y));
    }
    mosaic.next(row);
  }
  return whole;
}

}  // namespace pixmill::tasks
