// From the planes that a model made to the rows of a result.
#pragma once

#include <optional>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/core/row_resizer.h"
#include "pixmill/tasks/task.h"
#include "tasks/restore/mosaic.h"
#include "tasks/restore/source.h"

namespace pixmill::tasks {

// Adds what the model does not make: colours beside a brightness, alpha, the photograph itself as far as `strength`
// leaves it. All of them enlarged by bicubic resampling, as rows are needed.
class ResultRows {
 public:
  // `planes`: that the model makes; `strength`: share of the model's result, 0..1.
  ResultRows(const RestoreSource& source, int factor, int planes, float strength);

  int channels() const { return channels_; }

  // The next rows of the result: 1, 3 or 4 channels, in the type of the source.
  Image make(const Mosaic& mosaic, const Mosaic::Rows& rows);

 private:
  // A picture, enlarged row by row.
  class Enlarged {
   public:
    Enlarged(ImageView picture, int factor);
    Image next(int rows);  // f32

   private:
    ImageView picture_;
    RowResizer resizer_;
  };

  int channels_of_photograph() const { return source_.colours.channels(); }
  void clear_hidden(const float* alpha, std::vector<float>& row) const;
  void restore_row(const Mosaic& mosaic, int y, const float* photograph, std::vector<float>& row) const;

  const RestoreSource& source_;
  const int width_;
  const int planes_;
  const float strength_;
  const int channels_;
  std::optional<Enlarged> photograph_, alpha_;
};

// Where the rows of a result go: a whole picture where that is small, else row by row; resampled to another size where
// that is wanted.
class ResultSink {
 public:
  // `made`: size of what comes; `wanted`: of the result.
  ResultSink(Context& context, Size made, Size wanted, int channels, PixelType type);
  void write(ImageView rows);
  void finish();

 private:
  void put(ImageView rows);

  Context& context_;
  const Size wanted_;
  PixelType type_ = PixelType::u8;
  std::optional<RowResizer> resizer_;
  RowSink* rows_ = nullptr;
  Image picture_;
  int next_ = 0;
};

// Results up to this are kept whole until they are encoded.
inline constexpr std::int64_t kWholePixels = 16'000'000;

}  // namespace pixmill::tasks
