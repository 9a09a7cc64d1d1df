// The verdict: whether a way to run a model is good, and what its card should say.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/measure/verify.h"
#include "pixmill/tasks/comparison.h"

namespace pixmill::measure {

// The agreements of several pictures, taken together.
class Tally {
 public:
  void add(const tasks::Agreement& agreement);

  int pictures() const { return pictures_; }
  bool finite() const { return finite_; }
  double max_error() const { return max_error_; }
  double mean_error() const { return pictures_ == 0 ? 0.0 : error_sum_ / pictures_; }
  double mean_score() const { return pictures_ == 0 ? 0.0 : score_sum_ / pictures_; }
  double worst_score() const { return worst_score_; }

 private:
  int pictures_ = 0;
  bool finite_ = true;
  double max_error_ = 0.0, error_sum_ = 0.0, score_sum_ = 0.0, worst_score_ = 0.0;
};

// What is beyond the tolerance, in words ("PSNR 41.2 dB on average, at least 50 dB is required"); empty when nothing
// is.
std::string beyond(const Tally& tally, const tasks::Comparison& tolerance);

// A mean IoU with true masks may be so much below the reference's.
inline constexpr double kTruthLoss = 0.002;
std::string beyond_truth(double reference, double got);

// Whether outputs of different pictures show nothing: all of one value, or the same for all pictures.
class Sameness {
 public:
  void add(std::span<const Tensor> outputs);
  bool constant() const { return flat_ || (pictures_ > 1 && alike_); }

 private:
  int pictures_ = 0;
  bool flat_ = true, alike_ = true;
  std::vector<float> first_;
};

// What the card should say, from the checks: precisions that are good wherever they were tried (those that were not
// tried stay as they are), one picture at a time where a batch changes results, backends that are wrong in fp32 denied.
models::RuntimeSpec advise(const models::RuntimeSpec& card, bool file_takes_batches, std::span<const Check> checks);

}  // namespace pixmill::measure
