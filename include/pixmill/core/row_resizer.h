// Resampling of a picture that comes a few rows at a time, and may be larger than memory.
#pragma once

#include <memory>

#include "pixmill/core/filter.h"
#include "pixmill/core/image.h"

namespace pixmill {

// The rows that resize() makes of the whole picture in f32, each as soon as the rows below it that it needs are there.
// Channels are resampled each on its own. Not synchronised.
class RowResizer {
 public:
  RowResizer(Size from, Size to, int channels, Filter filter);
  ~RowResizer();
  RowResizer(RowResizer&&) noexcept;
  RowResizer& operator=(RowResizer&&) noexcept;

  // The next rows of the picture, f32, of the width and channels announced. Not more than it has.
  void write(ImageView rows);
  int written() const;  // rows so far

  int ready() const;      // rows of the result that can be taken now
  Image take(int count);  // the next ones, at most ready()

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pixmill
