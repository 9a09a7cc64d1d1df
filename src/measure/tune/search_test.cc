// The search on made-up speeds and a made-up clock.
#include "measure/tune/search.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "pixmill/core/error.h"

namespace pixmill::measure {
namespace {

using runtime::Precision;
using Way = Setup;  // testing::Test has a member of the other name

Way setup_of(const std::string& backend, int streams = 2, int threads = 1, int batch = 1,
             Precision precision = Precision::fp32) {
  return {backend == "onnxruntime" ? "cpu" : backend, backend, precision, streams, threads, batch};
}

// A setup's true speed is a function; what is measured is off by up to `noise`, and by what the machine does besides.
class FakeStand final : public Stand {
 public:
  using Speed = std::function<double(const Way&)>;

  explicit FakeStand(Speed speed) : speed_(std::move(speed)) {}

  double seconds() override { return now_; }
  double load(const Way& setup) override {
    now_ += load_seconds;
    if (speed_(setup) < 0) throw Error(ErrorCode::bad_model, "an operator is unknown");
    loaded_.push_back(setup);
    most_loaded = std::max(most_loaded, loaded_.size());
    return load_seconds;
  }
  double rate(const Way& setup, double least) override {
    EXPECT_NE(std::find(loaded_.begin(), loaded_.end(), setup), loaded_.end()) << text_of(setup);
    const double off = noise * (2.0 * static_cast<double>(random_()) / 4294967296.0 - 1.0);
    const double measured = speed_(setup) * (1.0 + off) * machine(now_);
    now_ += std::max(least, setup.batch * setup.streams / measured);
    measurements.push_back(setup);
    if (stop_after > 0 && static_cast<int>(measurements.size()) >= stop_after) stop = true;
    return measured;
  }
  void unload(const Way& setup) override { std::erase(loaded_, setup); }

  int count(const Way& setup) const {
    return static_cast<int>(std::count(measurements.begin(), measurements.end(), setup));
  }

  double load_seconds = 0.2, noise = 0.0;
  std::function<double(double)> machine = [](double) { return 1.0; };  // its speed at a time
  int stop_after = 0;
  std::atomic<bool> stop = false;
  std::vector<Way> measurements;
  std::size_t most_loaded = 0;

 private:
  Speed speed_;
  double now_ = 1000.0;
  std::mt19937 random_{7};
  std::vector<Way> loaded_;
};

Space space_of(std::vector<Way> seeds, int cores = 2) {
  Space space{.by_rule = seeds.front(), .seeds = seeds, .only_shown = {}, .cores = cores};
  space.takes_batches = true;
  return space;
}

TuneResult search(const Space& space, FakeStand& stand, double budget = 60.0) {
  return Search(space, stand, budget, stand.stop, {}).run();
}

const TuneTrial* trial_of(const TuneResult& result, const Way& setup) {
  for (const TuneTrial& trial : result.trials) {
    if (trial.setup == setup) return &trial;
  }
  return nullptr;
}

const Way kOrt = setup_of("onnxruntime");
const Way kVino = setup_of("openvino");

TEST(TuneSearch, PicksTheFasterBackendInNoiseAndStopsEarly) {
  FakeStand stand(
      [](const Way& setup) { return (setup.backend == "openvino" ? 12.0 : 10.0) / setup.threads / setup.batch; });
  stand.noise = 0.08;
  const TuneResult result = search(space_of({kOrt, kVino}), stand);
  EXPECT_EQ(result.winner().setup, kVino);
  EXPECT_EQ(result.trials[result.by_rule].setup, kOrt);
  EXPECT_TRUE(result.clear);
  EXPECT_LT(result.elapsed_s, 40.0);
  EXPECT_NEAR(result.gain(), 1.2, 0.12);
}

TEST(TuneSearch, ALargerBatchAndFewerStreamsAreReachedStepByStep) {
  FakeStand stand([](const Way& setup) {
    const double by_batch = setup.batch <= 4 ? 1.0 + 0.5 * setup.batch : 1.0;
    return 10.0 * by_batch * (setup.streams == 2 && setup.threads == 4 ? 3.0 : setup.streams == 4 ? 1.5 : 1.0);
  });
  const TuneResult result = search(space_of({setup_of("openvino", 8)}, 8), stand, 600.0);
  EXPECT_EQ(result.winner().setup, setup_of("openvino", 2, 4, 4)) << text_of(result.winner().setup);
}

TEST(TuneSearch, LosersAreDroppedAfterARoundOrTwo) {
  const Way slow = setup_of("opencv");
  FakeStand stand([&](const Way& setup) { return setup.backend == "opencv" ? 3.0 : setup.batch > 1 ? 1.0 : 10.0; });
  const TuneResult result = search(space_of({kOrt, kVino, slow}), stand);
  EXPECT_EQ(stand.count(slow), 1);
  EXPECT_TRUE(trial_of(result, slow)->dropped);
  EXPECT_EQ(result.trials.back().rate() <= 3.0, true);
  for (const TuneTrial& trial : result.trials) {
    if (trial.setup.batch > 2) ADD_FAILURE() << "a batch of " << trial.setup.batch << " after 2 was slower";
  }
}

TEST(TuneSearch, EveryContenderOnceARoundAndAnotherOneFirst) {
  FakeStand stand([](const Way&) { return 10.0; });
  stand.noise = 0.02;
  std::vector<Way> all;
  for (const char* backend : {"onnxruntime", "openvino", "opencv"}) all.push_back(setup_of(backend, 1));
  Space space = space_of(all, 1);
  space.takes_batches = false;  // no setup has neighbours
  search(space, stand);
  std::vector<Way> firsts;
  for (std::size_t round = 0; round < 2; ++round) {
    const std::vector<Way> now(stand.measurements.begin() + static_cast<std::ptrdiff_t>(3 * round + 1),
                               stand.measurements.begin() + static_cast<std::ptrdiff_t>(3 * round + 4));
    for (const Way& setup : all) EXPECT_EQ(std::count(now.begin(), now.end(), setup), 1);
    firsts.push_back(now.front());
  }
  EXPECT_NE(firsts[0], firsts[1]);
}

TEST(TuneSearch, AMachineThatSlowsDownForAWhileDeceivesNobody) {
  FakeStand stand([](const Way& setup) {
    return setup.batch > 1 || setup.threads > 1 ? 1.0 : setup.backend == "openvino" ? 11.5 : 10.0;
  });
  stand.noise = 0.02;
  stand.machine = [](double now) { return static_cast<int>(now / 3.0) % 2 == 0 ? 1.0 : 0.3; };
  EXPECT_EQ(search(space_of({kOrt, kVino}), stand).winner().setup, kVino);
}

TEST(TuneSearch, TheBudgetHolds) {
  for (const double budget : {2.0, 5.0, 20.0}) {
    FakeStand stand([](const Way& setup) { return 10.0 * setup.streams + setup.batch; });
    stand.noise = 0.3;
    stand.load_seconds = 0.7;
    const TuneResult result = search(space_of({kOrt, kVino, setup_of("opencv")}), stand, budget);
    EXPECT_LE(result.elapsed_s, budget);
    EXPECT_GT(result.winner().rate(), 0.0);
  }
}

TEST(TuneSearch, ABudgetThatIsTooSmallStillMeasuresTheRule) {
  FakeStand stand([](const Way&) { return 0.1; });
  const TuneResult result = search(space_of({kOrt, kVino}), stand, 1.0);
  ASSERT_EQ(result.trials.size(), 1U);
  EXPECT_EQ(result.winner().setup, kOrt);
  EXPECT_GT(result.winner().rate(), 0.0);
}

TEST(TuneSearch, WhatIsAsFastLeavesTheRulesChoiceAlone) {
  FakeStand stand([](const Way& setup) {
    return setup.batch > 1 || setup.threads > 1 ? 1.0 : setup.backend == "openvino" ? 10.1 : 10.0;
  });
  const TuneResult result = search(space_of({kOrt, kVino}), stand);
  EXPECT_EQ(result.winner().setup, kOrt);
  EXPECT_EQ(result.chosen, result.by_rule);
  EXPECT_DOUBLE_EQ(result.gain(), 1.0);
}

TEST(TuneSearch, WhatCannotRunIsToldAndTheRestGoesOn) {
  const Way broken = setup_of("opencv");
  FakeStand stand([](const Way& setup) { return setup.backend == "opencv" ? -1.0 : 10.0 / setup.batch; });
  const TuneResult result = search(space_of({kOrt, broken, kVino}), stand);
  ASSERT_NE(trial_of(result, broken), nullptr);
  EXPECT_EQ(trial_of(result, broken)->fault, "an operator is unknown");
  EXPECT_EQ(result.trials.back().setup, broken);
}

TEST(TuneSearch, WhatIsOnlyShownIsNeverChosen) {
  Space space = space_of({kOrt});
  const Way half = setup_of("openvino", 2, 1, 1, Precision::bf16);
  space.only_shown = {half};
  FakeStand stand([](const Way& setup) { return setup.precision == Precision::bf16 ? 100.0 : 10.0 / setup.batch; });
  const TuneResult result = search(space, stand);
  EXPECT_EQ(result.winner().setup, kOrt);
  EXPECT_FALSE(trial_of(result, half)->choosable);
  EXPECT_EQ(result.trials.front().setup, half);  // shown where it belongs
  EXPECT_LE(stand.count(half), 2);
}

TEST(TuneSearch, StoppedInTheMiddle) {
  FakeStand stand([](const Way&) { return 10.0; });
  stand.stop_after = 3;
  EXPECT_TRUE(search(space_of({kOrt, kVino}), stand).interrupted);
  EXPECT_EQ(stand.measurements.size(), 3U);
}

TEST(TuneSearch, FewSessionsAreInMemoryAtATime) {
  std::vector<Way> seeds;
  for (int i = 0; i < 20; ++i) seeds.push_back(setup_of("backend" + std::to_string(i)));
  FakeStand stand([](const Way& setup) { return setup.backend == "backend17" ? 30.0 : 10.0; });
  EXPECT_EQ(search(space_of(seeds), stand, 600.0).winner().setup.backend, "backend17");
  EXPECT_LE(stand.most_loaded, 8U);
}

TEST(TuneSearch, Neighbours) {
  Space space = space_of({setup_of("openvino", 8)}, 8);
  space.takes_batches = false;
  EXPECT_EQ(neighbours(setup_of("openvino", 8), space), (std::vector<Way>{setup_of("openvino", 4, 2)}));
  EXPECT_TRUE(neighbours(setup_of("openvino", 1, 8), space).empty());
  space.hyper_threads = true;  // four streams alone may be as fast as eight
  EXPECT_EQ(neighbours(setup_of("openvino", 8), space).front(), setup_of("openvino", 4, 1));
  space.takes_batches = true;
  EXPECT_EQ(neighbours(setup_of("openvino", 8), space).back(), setup_of("openvino", 8, 1, 2));
}

}  // namespace
}  // namespace pixmill::measure
