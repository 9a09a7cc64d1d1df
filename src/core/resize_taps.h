// Weights of one-dimensional resampling: which input samples make an output sample, and with what share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pixmill/core/filter.h"

namespace pixmill {

// For output i: the inputs first[i] .. first[i] + count[i] - 1, weighted by weight[i * width ...]; the rest of the row
// is zero.
struct Taps {
  int inputs = 0;
  int width = 0;  // the largest count
  std::vector<int> first;
  std::vector<int> count;
  std::vector<double> weight;

  int outputs() const { return static_cast<int>(first.size()); }
};

// Resampling of `inputs` samples to `outputs` as Pillow (`linear`: OpenCV) does it. Not for Filter::nearest.
Taps resize_taps(int inputs, int outputs, Filter filter);
// Only those of the outputs from `from` on, `count` of them.
Taps resize_taps(int inputs, int outputs, Filter filter, int from, int count);

// The same of taps that are there.
Taps part_of(const Taps& taps, int from, int count);

// Convolution with `kernel` (2 * radius + 1 values, sum 1); beyond both ends the last sample continues.
Taps convolution_taps(int inputs, std::span<const double> kernel);

// `taps` in fixed point with 22 fractional bits, for u8. Sums of products of such weights and 8 bits wrap in between,
// and come out right, because the total fits 32 bits.
struct FixedTaps {
  static constexpr int kBits = 22;
  static constexpr int kLowBits = 11;  // weight = high * 2^11 + low, and both fit 16 bits

  explicit FixedTaps(const Taps& taps);

  int inputs;
  int width;
  std::vector<int> first;
  std::vector<int> count;
  std::vector<std::int32_t> weight;  // width for each output
  int pairs;                         // ceil(width / 2)
  std::vector<std::int32_t> high;    // two neighbours in one word, the first in its lower half; pairs for each output
  std::vector<std::int32_t> low;

  int outputs() const { return static_cast<int>(first.size()); }
};

struct FloatTaps {
  explicit FloatTaps(const Taps& taps);

  int inputs;
  int width;
  std::vector<int> first;
  std::vector<int> count;
  std::vector<float> weight;

  int outputs() const { return static_cast<int>(first.size()); }
};

}  // namespace pixmill
