#include "pipeline/batch_size.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace pixmill::pipeline {
namespace {

// A larger batch must be so much faster: below that it is noise, and costs memory and latency for nothing.
constexpr double kClearGain = 1.05;
constexpr double kPlainGain = 1.15;  // clear after few samples
constexpr int kFewSamples = 3;
constexpr int kManySamples = 7;
constexpr int kMaxShortBatches = 8;  // batches of a comparison that may come out too small before it is given up
constexpr std::int64_t kBatchesBeforeFirstLook = 4;
constexpr std::int64_t kShortestRest = 512;  // pictures
constexpr std::int64_t kRestGrowth = 4;
constexpr std::size_t kRatesKept = 64;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

void BatchHistory::add(int pictures, double seconds) {
  if (seconds <= 0) return;
  Size& size = sizes_[pictures];
  const double rate = pictures / seconds;
  if (size.rates.size() < kRatesKept) {
    size.rates.push_back(rate);
  } else {
    size.rates[static_cast<std::size_t>(size.batches) % kRatesKept] = rate;
  }
  ++size.batches;
}

std::vector<BatchTrial> BatchHistory::trials() const {
  std::vector<BatchTrial> trials;
  for (const auto& [pictures, size] : sizes_) trials.push_back({pictures, size.batches, median(size.rates)});
  return trials;
}

void FixedBatch::measured(int pictures, double seconds) {
  if (pictures == size_) history_.add(pictures, seconds);
}

void FixedBatch::limit(int largest) {
  size_ = std::clamp(largest, 1, asked_);
}

ClimbingBatch::ClimbingBatch(Bounds bounds) : bounds_(std::move(bounds)), most_(0), size_(std::max(1, bounds_.start)) {
  bounds_.largest = most_ = std::max(bounds_.largest, size_);
  rest_left_ = kBatchesBeforeFirstLook * size_;
}

int ClimbingBatch::wanted() const {
  const bool its_turn = there_.handed_out <= here_.handed_out && there_.handed_out <= samples_;  // one to get warm
  return comparing() && its_turn ? other_size_ : size_;
}

void ClimbingBatch::handed_out(int pictures) {
  if (!comparing()) return;
  if (pictures < wanted()) {
    if (++starved_ > kMaxShortBatches) settle();
    return;
  }
  ++(pictures == other_size_ ? there_ : here_).handed_out;
  const bool lost_samples = here_.handed_out > 4 * (samples_ + 1);  // a batch failed, or came back in parts
  if (lost_samples) settle();
}

void ClimbingBatch::measured(int pictures, double seconds) {
  if (pictures == size_ || pictures == other_size_) history_.add(pictures, seconds);
  if (!comparing()) {
    rest_left_ -= pictures;
    if (rest_left_ <= 0 && pictures == size_) look();
    return;
  }
  if (pictures != size_ && pictures != other_size_) return;
  Side& side = pictures == size_ ? here_ : there_;
  if (std::exchange(side.warm, true) && seconds > 0) side.rates.push_back(pictures / seconds);
  decide();
}

void ClimbingBatch::limit(int largest) {
  const int before = std::exchange(bounds_.largest, std::clamp(largest, 1, most_));
  if (bounds_.largest > before) {  // there is something new to look at
    rest_ = 0;
    rest_left_ = kBatchesBeforeFirstLook * size_;
  }
  if (comparing() && (other_size_ > bounds_.largest || size_ > bounds_.largest)) settle();
  size_ = std::min(size_, bounds_.largest);
}

void ClimbingBatch::look() {
  const bool up = size_ == 1 || (look_up_ && size_ * 2 <= bounds_.largest);
  compare_with(up ? size_ * 2 : size_ / 2);
}

void ClimbingBatch::compare_with(int size) {
  const std::int64_t price = std::int64_t{size} * (kFewSamples + 1);
  if (size > bounds_.largest || bounds_.pictures_left() < price * bounds_.caution) return settle();
  look_up_ = size > size_;
  other_size_ = size;
  here_ = {};
  here_.warm = true;
  there_ = {};
  samples_ = kFewSamples;
  starved_ = 0;
}

void ClimbingBatch::decide() {
  const auto count = static_cast<int>(std::min(here_.rates.size(), there_.rates.size()));
  if (count < samples_) return;
  const bool up = other_size_ > size_;
  const SizeChange result{size_, other_size_, median(here_.rates), median(there_.rates)};
  const double ratio = result.to_rate / result.from_rate;
  const double gain = up ? ratio : 1.0 / ratio;  // of the larger one
  if (gain > 1.0 && gain < kPlainGain && samples_ < kManySamples) {
    samples_ = kManySamples;
    return;
  }
  const bool larger_wins = gain > kClearGain;
  if (larger_wins != up) return settle();
  size_ = std::exchange(other_size_, 0);
  last_won_ = result;
  rest_ = 0;
  if (!up && size_ == 1) return settle();
  compare_with(up ? size_ * 2 : size_ / 2);  // on in the same direction
}

void ClimbingBatch::settle() {
  other_size_ = 0;
  look_up_ = !look_up_;
  rest_ = std::max({kShortestRest, rest_ * kRestGrowth, std::int64_t{size_} * kManySamples * kRestGrowth});
  rest_left_ = rest_;
}

std::string verdict(const std::vector<BatchTrial>& trials, int settled) {
  if (trials.size() < 2) return {};
  const auto chosen =
      std::find_if(trials.begin(), trials.end(), [&](const BatchTrial& trial) { return trial.size == settled; });
  if (chosen == trials.end()) return {};
  const BatchTrial& smallest = trials.front();
  char text[128];
  if (chosen == trials.begin()) {
    const BatchTrial& next = trials[1];
    std::snprintf(text, sizeof text, "larger batches are not faster here: %d at once run %.2f times as fast as %d",
                  next.size, next.rate / smallest.rate, settled);
  } else {
    std::snprintf(text, sizeof text, "batches are faster here: %d at once run %.2f times as fast as %d", settled,
                  chosen->rate / smallest.rate, smallest.size);
  }
  return text;
}

}  // namespace pixmill::pipeline
