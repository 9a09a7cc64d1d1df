// Tiles put together, a row of tiles at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "pixmill/core/image.h"
#include "tasks/restore/tile_input.h"
#include "tasks/restore/tile_plan.h"

namespace pixmill::tasks {

// Holds the result of one row of tiles and what the next one shares with it; rows that no further tile touches are
// final and leave. Borrows the plan.
class Mosaic {
 public:
  // `factor`: of the result's size; `planes`: that each tile has.
  Mosaic(const TilePlan& plan, int factor, int planes);

  // What the model made of tile (column, row), margins cut off. Rows of tiles from the top, in each any order.
  void add(const Planes& tile, std::size_t column, std::size_t row);

  // Rows of the result from `first` on.
  struct Rows {
    int first = 0, count = 0;
  };
  // After the last tile of a row: what is final now. Valid until the next add().
  Rows finished(std::size_t row) const;
  const float* at(int plane, int y) const;  // of a row that finished() names

  // Forgets what finished(row) named.
  void next(std::size_t row);

 private:
  float* place(int plane, int y) {
    return values_.data() + (static_cast<std::size_t>(plane) * height_ + (y - top_)) * width_;
  }

  const TilePlan& plan_;
  const int factor_, planes_;
  const int width_;
  int height_ = 0;  // rows that fit
  int top_ = 0;     // the first of them
  std::vector<float> values_;
};

// All tiles of a plan as one picture, each given by `tile_at(column, row)`; rows of tiles from the top, each from left.
Planes put_together(const TilePlan& plan, int factor, int planes,
                    const std::function<Planes(std::size_t column, std::size_t row)>& tile_at);

}  // namespace pixmill::tasks
