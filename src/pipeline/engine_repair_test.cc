// A device that dies, and a picture that the model cannot do: which of them is at fault, and what becomes of the
// others.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "pipeline/engine_fixture.h"

namespace pixmill::pipeline {
namespace {

using testing::EchoSession;
using testing::EngineTest;
using testing::lost;
using testing::no_memory;
using testing::Told;

TEST_F(EngineTest, ADeviceThatFailsIsLoadedAnewAndLosesNothing) {
  Told told;
  std::atomic<int> calls = 0;
  Engine it({"echo",
             [&](int, bool) {
               return std::make_shared<EchoSession>([&, build = ++builds](std::int64_t) {
                 if (build == 1 && ++calls > 5) lost();
               });
             },
             std::make_unique<FixedBatch>(2), 0, told.sink});
  for (int i = 0; i < 20; ++i) {
    const auto answers = infer(it, 2 * i, 2);
    EXPECT_EQ(failures(answers) + unfinished(answers), 0);
  }
  EXPECT_EQ(builds, 2);
  EXPECT_TRUE(it.healthy());
  EXPECT_EQ(it.wanted(), 2) << "the batch was not at fault";
  ASSERT_EQ(told.warnings.size(), 1U);
  EXPECT_EQ(told.warnings[0], "echo failed (cudaErrorDeviceUninitialized); the model was reloaded and runs again");
}

TEST_F(EngineTest, ADeviceThatDiesBreaksTheEngineOnce) {
  std::atomic<int> calls = 0;
  Engine it = engine(1, [&](int, std::int64_t) {
    if (++calls > 3) lost();
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(failures(infer(it, i, 1)), 0);
  for (int i = 0; i < 50; ++i) {
    const auto answers = infer(it, i, 3);
    EXPECT_EQ(unfinished(answers), 3);
    EXPECT_EQ(failures(answers), 0);
  }
  EXPECT_EQ(builds, 2);
  EXPECT_EQ(calls, 3 + 5) << "a batch, a picture twice, one that ran before, and that again on another session";
  EXPECT_EQ(it.failure()->message(), "cudaErrorDeviceUninitialized");
}

// Pictures by their level: the model cannot do some of them, alone or in a batch.
class BadPictureSession : public EchoSession {
 public:
  using EchoSession::EchoSession;
  std::vector<Tensor> run_inputs(std::span<const Tensor* const> inputs, std::span<const int> wanted) override {
    const auto values = inputs[0]->as<float>();
    const bool bad = std::any_of(values.begin(), values.end(), [](float value) { return value >= 100; });
    if (bad && sticky) broken = true;
    if (bad || broken) throw Error(ErrorCode::internal, "Reshape: it does not fit");
    return EchoSession::run_inputs(inputs, wanted);
  }
  bool sticky = false;  // such a picture breaks the session
  bool broken = false;
};

TEST_F(EngineTest, APictureThatTheModelCannotDoFailsAlone) {
  for (const std::int64_t batch : {-1, 4}) {
    const auto session = std::make_shared<BadPictureSession>(nullptr, batch);
    int loads = 0;
    Engine it({"echo", [&](int, bool) { return ++loads, session; }, std::make_unique<FixedBatch>(4)});
    EXPECT_EQ(failures(infer(it, 0, 8)), 0);
    for (int i = 0; i < 5; ++i) {
      const auto answers = infer(it, 98, 4);  // 98, 99, and two bad ones
      EXPECT_EQ(failures(answers), 2);
      EXPECT_FALSE(answers[0].error || answers[1].error);
      EXPECT_EQ(unfinished(answers), 0);
    }
    EXPECT_EQ(loads, 1);
    EXPECT_EQ(it.wanted(), 4) << "the batch was not at fault";
    EXPECT_EQ(it.warning(), "");
  }
}

TEST_F(EngineTest, TheFirstPicturesMayBeBad) {
  const auto session = std::make_shared<BadPictureSession>();
  Engine it({"echo", [&](int, bool) { return session; }, std::make_unique<FixedBatch>(1)});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(failures(infer(it, 100 + i, 1)), 1);
  EXPECT_EQ(failures(infer(it, 1, 1)), 0);
}

TEST_F(EngineTest, APictureThatBreaksTheSessionFailsAloneToo) {
  int loads = 0;
  Engine it({"echo",
             [&](int, bool) {
               ++loads;
               auto session = std::make_shared<BadPictureSession>();
               session->sticky = true;
               return session;
             },
             std::make_unique<FixedBatch>(2)});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(failures(infer(it, 0, 4)), 0);
    const auto answers = infer(it, 99, 2);
    EXPECT_EQ(failures(answers), 1);
    EXPECT_FALSE(answers[0].error);
    EXPECT_EQ(unfinished(answers), 0);
  }
  EXPECT_TRUE(it.healthy());
  EXPECT_LE(loads, 1 + 3 * 2);
}

TEST_F(EngineTest, AfterATransientFailureTheBatchGrowsAgain) {
  for (const bool memory : {true, false}) {
    Told told;
    std::atomic<int> refused = 0;
    Engine it({"echo",
               [&](int, bool) {
                 return std::make_shared<EchoSession>([&](std::int64_t batch) {
                   if (batch <= 2 || ++refused > 2) return;
                   memory ? no_memory() : lost();
                 });
               },
               std::make_unique<FixedBatch>(8), 0, told.sink});
    for (int i = 0; i < 40; ++i) EXPECT_EQ(failures(infer(it, 0, 8)), 0);
    EXPECT_LT(it.wanted(), 8);
    for (int i = 0; i < 5000 && it.wanted() < 8; ++i) EXPECT_EQ(failures(infer(it, 0, 8)), 0);
    EXPECT_EQ(it.wanted(), 8);
    ASSERT_GE(told.batches.size(), 2U);
    EXPECT_EQ(told.batches.front().first, 8);
    EXPECT_LT(told.batches.front().second, 8);
    EXPECT_EQ(told.batches.back().second, 8);
    EXPECT_EQ(told.reasons.front(), "more do not fit into its memory");
    EXPECT_EQ(told.reasons.back(), "more may fit into its memory again");
  }
}

TEST_F(EngineTest, AFasterBatchTellsBothRates) {
  Told told;
  Engine it({.device = "echo",
             .load =
                 [](int, bool) {
                   return std::make_shared<EchoSession>(
                       [](std::int64_t) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
                 },
             .size = std::make_unique<ClimbingBatch>(ClimbingBatch::Bounds{.pictures_left = [] { return 100'000; }}),
             .tell = told.sink});
  for (int i = 0; i < 2000 && told.batches.empty(); ++i) {
    const int batch = it.wanted();
    it.handed_out(batch);
    EXPECT_EQ(failures(infer(it, 0, batch)), 0);
  }
  ASSERT_FALSE(told.batches.empty());
  EXPECT_EQ(told.batches.front(), (std::pair{1, 2}));
  EXPECT_NE(told.reasons.front().find(" img/s for "), std::string::npos) << told.reasons.front();
}

TEST_F(EngineTest, ABatchThatNeverFitsIsTriedEverMoreRarely) {
  std::atomic<int> refused = 0;
  Engine it = engine(4, [&](int, std::int64_t batch) {
    if (batch > 2 && ++refused > 0) no_memory();
  });
  for (int i = 0; i < 8000; ++i) EXPECT_EQ(failures(infer(it, 0, 4)), 0);
  EXPECT_GE(refused, 3);
  EXPECT_LE(refused, 5) << "at first, after 256 pictures, after 2048 and 16384 more";
}

TEST_F(EngineTest, AFallBackToAnotherDeviceIsSaid) {
  Told told;
  std::atomic<int> calls = 0;
  class Placed : public EchoSession {
   public:
    Placed(const std::string& device, std::function<void(std::int64_t)> before) : EchoSession(std::move(before)) {
      placed_ = EchoSession::info();
      placed_.backend = "onnxruntime";
      placed_.device = device;
      if (device == "cpu") placed_.warnings = {"cuda was replaced by cpu: no memory"};
    }
    const runtime::SessionInfo& info() const override { return placed_; }

   private:
    runtime::SessionInfo placed_;
  };
  Engine it({"auto",
             [&](int, bool) {
               return std::make_shared<Placed>(++builds == 1 ? "cuda" : "cpu", [&](std::int64_t) {
                 if (++calls == 2) no_memory();
               });
             },
             std::make_unique<FixedBatch>(1), 0, told.sink});
  EXPECT_EQ(failures(infer(it, 0, 2)), 0);
  EXPECT_TRUE(it.as_loaded());
  EXPECT_EQ(failures(infer(it, 0, 2)), 0);
  EXPECT_FALSE(it.as_loaded());
  EXPECT_EQ(told.warnings,
            (std::vector<std::string>{"auto ran on cuda (onnxruntime, fp32); reloaded, the model runs on cpu "
                                      "(onnxruntime, fp32)",
                                      "cuda was replaced by cpu: no memory"}));
}

// A device that breaks for good under many threads: each picture is answered, or left once.
TEST_F(EngineTest, ManyStreamsSurviveADeviceThatDies) {
  constexpr int kThreads = 4;
  std::atomic<int> calls = 0;
  Engine it = engine(
      4,
      [&](int, std::int64_t) {
        if (++calls > 100) lost();
      },
      kThreads);
  std::atomic<int> failed = 0;
  std::atomic<int> left = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; i += 4) {
        const auto answers = infer(it, 1000 * t + i, 4);
        failed += failures(answers);
        left += unfinished(answers);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GT(left, 0);
  EXPECT_EQ(it.share().pictures + left, kThreads * 200);
  EXPECT_EQ(builds, 2);
}

}  // namespace
}  // namespace pixmill::pipeline
