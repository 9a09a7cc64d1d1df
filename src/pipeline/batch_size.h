// The batch size of a device, and how a job finds the best one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pixmill/pipeline/event.h"

namespace pixmill::pipeline {

constexpr int kWidestBatch = 256;  // that a job tries of itself; -b goes further

// Every batch size that was measured. Not synchronised.
class BatchHistory {
 public:
  void add(int pictures, double seconds);
  std::vector<BatchTrial> trials() const;  // smallest size first

 private:
  struct Size {
    std::int64_t batches = 0;
    std::vector<double> rates;  // the latest
  };
  std::map<int, Size> sizes_;
};

// Why a size was left for another one: what both did in turns.
struct SizeChange {
  int from = 0, to = 0;
  double from_rate = 0.0, to_rate = 0.0;  // pictures a second
};

// Returns how many pictures the next batch of one device should have; fewer may be available. Not
// synchronised.
class BatchSize {
 public:
  virtual ~BatchSize() = default;
  virtual int wanted() const = 0;                           // from 1
  virtual int settled() const { return wanted(); }          // without what is tried at the moment
  virtual void handed_out(int pictures) = 0;                // a batch left for the device
  virtual void measured(int pictures, double seconds) = 0;  // it came back
  virtual void limit(int largest) = 0;                      // never more than that until the next call

  std::vector<BatchTrial> trials() const { return history_.trials(); }
  const std::optional<SizeChange>& last_won() const { return last_won_; }  // the last that changed the size

 protected:
  BatchHistory history_;
  std::optional<SizeChange> last_won_;
};

class FixedBatch final : public BatchSize {
 public:
  explicit FixedBatch(int size) : asked_(size), size_(size) {}
  int wanted() const override { return size_; }
  void handed_out(int) override {}
  void measured(int pictures, double seconds) override;
  void limit(int largest) override;

 private:
  const int asked_;
  int size_;
};

// Climbs to where the device is fastest: compares its size with twice (or half) that size, the two in turns so that
// whatever else the machine does hits both, and goes over to the other one when that is clearly better. Then it rests,
// and looks again ever more rarely.
class ClimbingBatch final : public BatchSize {
 public:
  struct Bounds {
    int start = 1;
    int largest = kWidestBatch;
    // A comparison takes a few batches that may be slow: there must be so many times as many pictures to come.
    int caution = 4;
    std::function<std::int64_t()> pictures_left = {};
  };
  explicit ClimbingBatch(Bounds bounds);

  int wanted() const override;
  int settled() const override { return size_; }
  void handed_out(int pictures) override;
  void measured(int pictures, double seconds) override;
  void limit(int largest) override;

 private:
  struct Side {
    int handed_out = 0;
    bool warm = false;          // the first batch of a new size pays for buffers and the search for algorithms
    std::vector<double> rates;  // pictures a second
  };

  bool comparing() const { return other_size_ > 0; }
  void look();
  void compare_with(int size);
  void decide();
  void settle();

  Bounds bounds_;
  int most_;  // the bound without a limit
  int size_;
  int other_size_ = 0;  // that size_ is compared with; 0: at rest
  Side here_, there_;
  int samples_ = 0;  // wanted of each side
  int starved_ = 0;  // batches of this comparison that were not filled
  bool look_up_ = true;
  std::int64_t rest_ = 0;       // pictures from one look to the next
  std::int64_t rest_left_ = 0;  // until the next
};

// The result of the trials as a message: how much faster the settled size is than single pictures, or that it is
// not. Empty without two sizes.
std::string verdict(const std::vector<BatchTrial>& trials, int settled);

}  // namespace pixmill::pipeline
