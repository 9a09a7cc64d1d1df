// A matte at the size of a photo that takes memory and time only where something is to be seen of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "pixmill/core/buffer.h"
#include "pixmill/core/image.h"

namespace pixmill {

// How much of each pixel the subject covers, 0..1. Most pixels of a photograph are wholly in or wholly out: a row is a
// list of runs, and only runs of other pixels hold values. Move-only. Not synchronised: one writer, or many readers.
class Matte {
 public:
  static constexpr float kTrace = 0.5F / 255.0F;        // rounds to 0 of 255
  static constexpr float kDeepTrace = 0.5F / 65535.0F;  // rounds to 0 of 65535

  // Columns begin .. end - 1 of a row.
  struct Run {
    int begin;
    int end;
    const float* values;  // one for each column; null where all are `flat`
    float flat;           // 0 or 1

    int width() const { return end - begin; }
  };

  Matte() = default;

  // `small` (f32, 1 channel, 0..1) enlarged bilinearly, as resize() does it. Runs where that is nowhere more than
  // `trace` off 0 or 1 are flat; a negative trace makes none. Throws Error{out_of_memory}.
  Matte(ImageView small, Size size, float trace = kTrace);

  // Every pixel has its value. `values`: f32, 1 channel.
  explicit Matte(Image values);

  Size size() const { return size_; }
  int width() const { return size_.width; }
  int height() const { return size_.height; }

  // The runs of row `y` from left to right; together they are the row. act(const Run&).
  template <typename Act>
  void each_run(int y, Act&& act) const {
    const Band& band = bands_[band_of_[y]];
    const float* const row = band.row(y);
    for (const Piece& piece : band.pieces) {
      act(Run{piece.begin, piece.end, piece.at < 0 ? nullptr : row + piece.at, piece.flat});
    }
  }

  // Those that have values, to be changed: act(int begin, int end, float* values).
  template <typename Act>
  void change_runs(int y, Act&& act) {
    const Band& band = bands_[band_of_[y]];
    float* const row = band.row(y);
    for (const Piece& piece : band.pieces) {
      if (piece.at >= 0) act(piece.begin, piece.end, row + piece.at);
    }
  }

  // Row `y` with all its values: in place where it has them, else in `scratch`.
  const float* row(int y, std::vector<float>& scratch) const;

  Image dense() const;  // f32
  Image to_u8() const;  // rounded to the nearest

  // The mean over the rectangle of each pixel of a picture of this size, at most the matte's: f32. In flat runs of an
  // enlarged matte that of what was enlarged, to the last trace: who asks how the matte changes must not see steps.
  Image reduced(Size size) const;

  // The smallest rectangle around all that is above `threshold` (0..1). {0, 0, 0, 0} when nothing is.
  Rect bounds(float threshold) const;

  // 1 from `threshold` (above the trace, and below 1 less the trace) on, 0 below it.
  void cut(float threshold);

 private:
  struct Piece {
    int begin;
    int end;
    std::ptrdiff_t at;  // of its first value in the band's row; -1: flat
    float flat;
  };

  // Rows that have the same runs.
  struct Band {
    int top = 0;
    std::size_t held = 0;     // values in a row
    float* values = nullptr;  // of all its rows
    std::vector<Piece> pieces;

    float* row(int y) const { return values + static_cast<std::size_t>(y - top) * held; }
  };

  void add_band(Band band, int bottom);
  void add_rows(int first, int end, float* line) const;
  static void add_traces(const Band& band, const Image& wide, int first, std::span<const double> share, float* line);

  Size size_;
  float trace_ = -1.0F;
  std::vector<Band> bands_;
  std::vector<std::size_t> band_of_;  // of each row
  AlignedBuffer values_;              // of all bands; empty where `dense_` has them
  Image dense_;
  Image small_;  // what flat runs were enlarged from, while they stand for it
};

}  // namespace pixmill
