// Batch sizes: which ones a device gets, and what they find.
#include "pipeline/batch_size.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "pixmill/core/error.h"
#include "pixmill/core/tensor_batch.h"

namespace pixmill::pipeline {
namespace {

// A device that takes `seconds(batch)` for a batch, give or take some noise, and the climber that feeds it.
class Climb {
 public:
  Climb(std::function<double(int)> seconds, ClimbingBatch::Bounds bounds, std::int64_t pictures, double noise = 0.02)
      : seconds_(std::move(seconds)), left_(pictures), noise_(1.0 - noise, 1.0 + noise), size_([&] {
          bounds.pictures_left = [this] { return left_; };
          return bounds;
        }()) {}

  // Runs until no picture is left, two batches in flight; returns the seconds it took.
  double run() {
    double total = 0.0;
    std::vector<int> in_flight;
    while (left_ > 0 || !in_flight.empty()) {
      while (left_ > 0 && in_flight.size() < 2) {
        const int wanted = size_.wanted();
        EXPECT_GE(wanted, 1);
        const int pictures = static_cast<int>(std::min<std::int64_t>(wanted, left_));
        largest_ = std::max(largest_, pictures);
        size_.handed_out(pictures);
        left_ -= pictures;
        in_flight.push_back(pictures);
      }
      const double seconds = seconds_(in_flight.front()) * noise_(random_);
      total += seconds;
      size_.measured(in_flight.front(), seconds);
      in_flight.erase(in_flight.begin());
    }
    return total;
  }

  void add(std::int64_t pictures) { left_ += pictures; }
  ClimbingBatch& size() { return size_; }
  int largest() const { return largest_; }

 private:
  std::function<double(int)> seconds_;
  std::int64_t left_;
  std::mt19937 random_{7};
  std::uniform_real_distribution<double> noise_;
  ClimbingBatch size_;
  int largest_ = 0;
};

double like_a_gpu(int batch) {  // a fixed price for every call; full from 16 on
  return 0.010 + 0.001 * batch + (batch > 16 ? 0.004 * (batch - 16) : 0.0);
}

double like_a_cpu(int batch) {
  return batch == 1 ? 0.2 : 0.28 * batch;
}

TEST(Climbing, FindsTheSizeThatIsFastest) {
  Climb climb(like_a_gpu, {}, 20000);
  climb.run();
  EXPECT_EQ(climb.size().wanted(), 16);
  EXPECT_LE(climb.largest(), 32);
  const auto trials = climb.size().trials();
  ASSERT_EQ(trials.size(), 6U);
  for (std::size_t i = 0; i < trials.size(); ++i) EXPECT_EQ(trials[i].size, 1 << i);
  EXPECT_NE(verdict(trials, 16).find("batches are faster here: 16 at once"), std::string::npos) << verdict(trials, 16);
}

TEST(Climbing, CostsNextToNothingWhereItDoesNotPay) {
  constexpr int kPictures = 5000;
  Climb climb(like_a_cpu, {.caution = 64}, kPictures);
  EXPECT_LT(climb.run(), 1.01 * kPictures * like_a_cpu(1));
  EXPECT_EQ(climb.size().wanted(), 1);
  EXPECT_EQ(climb.largest(), 2);
  EXPECT_NE(verdict(climb.size().trials(), 1).find("are not faster"), std::string::npos);
}

TEST(Climbing, TriesNothingInAShortJob) {
  Climb climb(like_a_cpu, {.caution = 64}, 400);
  climb.run();
  EXPECT_EQ(climb.largest(), 1);
  EXPECT_EQ(verdict(climb.size().trials(), 1), "");
}

TEST(Climbing, StepsBackFromAStartThatIsTooLarge) {
  Climb climb(like_a_gpu, {.start = 64}, 20000);
  climb.run();
  EXPECT_EQ(climb.size().wanted(), 16);
  ASSERT_TRUE(climb.size().last_won());
  EXPECT_EQ(climb.size().last_won()->from, 32);
  EXPECT_EQ(climb.size().last_won()->to, 16);
  EXPECT_GT(climb.size().last_won()->to_rate, climb.size().last_won()->from_rate);
}

TEST(Climbing, NoiseDoesNotDriveItUp) {
  Climb climb([](int batch) { return 0.1 * batch; }, {}, 50000, 0.04);
  climb.run();
  EXPECT_EQ(climb.size().wanted(), 1);
}

TEST(Climbing, StaysBelowItsBounds) {
  Climb climb([](int) { return 0.1; }, {.largest = 8}, 5000);
  climb.run();
  EXPECT_EQ(climb.largest(), 8);
  climb.size().limit(3);
  EXPECT_EQ(climb.size().wanted(), 3);
  climb.size().limit(100);
  EXPECT_EQ(climb.size().wanted(), 3);
  climb.size().limit(0);
  EXPECT_EQ(climb.size().wanted(), 1);
}

TEST(Climbing, ALimitThatIsLiftedLetsItClimbAgain) {
  Climb climb(like_a_gpu, {.largest = 8}, 5000);
  climb.size().limit(1);
  climb.run();
  EXPECT_EQ(climb.size().settled(), 1);
  climb.size().limit(100);
  climb.add(5000);
  climb.run();
  EXPECT_EQ(climb.size().settled(), 8);
}

TEST(Fixed, ALimitHoldsUntilTheNext) {
  FixedBatch size(8);
  size.limit(3);
  EXPECT_EQ(size.wanted(), 3);
  size.limit(100);
  EXPECT_EQ(size.wanted(), 8);
}

TEST(Climbing, GivesUpWhereBatchesAreNotFilled) {
  ClimbingBatch size({.pictures_left = [] { return 1'000'000; }});
  for (int i = 0; i < 4; ++i) size.measured(1, 0.1);
  EXPECT_EQ(size.wanted(), 2);
  for (int i = 0; i < 100; ++i) size.handed_out(1);
  EXPECT_EQ(size.wanted(), 1);
}

TEST(Climbing, LostMeasurementsDoNotHoldItUp) {
  ClimbingBatch size({.pictures_left = [] { return 1'000'000; }});
  for (int i = 0; i < 4; ++i) size.measured(1, 0.1);
  for (int i = 0; i < 1000; ++i) size.handed_out(size.wanted());  // none comes back
  for (int i = 0; i < 2000; ++i) size.measured(1, 0.1);
  EXPECT_EQ(size.wanted(), 2) << "it should look again";
}

TEST(Batches, JoinAndSplitAreInverse) {
  Tensor a({1, 2, 2}, ElementType::f32), b({1, 2, 2}, ElementType::f32);
  for (int i = 0; i < 4; ++i) a.as<float>()[i] = static_cast<float>(i), b.as<float>()[i] = static_cast<float>(10 + i);
  const Tensor joined = join({&a, &b}, 3);
  EXPECT_EQ(joined.shape(), (std::vector<std::int64_t>{3, 2, 2}));
  EXPECT_EQ(joined.as<float>()[11], 0.0F);
  const std::vector<Tensor> parts = split(joined, 2);
  EXPECT_EQ(parts[1].as<float>()[3], 13.0F);
  EXPECT_THROW(split(a, 2), Error);
}

}  // namespace
}  // namespace pixmill::pipeline
