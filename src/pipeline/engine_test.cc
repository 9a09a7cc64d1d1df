// A device without memory: what does not fit is run again, in smaller batches, on a rebuilt session; nothing is lost.
#include "pipeline/engine.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <thread>

#include "pipeline/engine_fixture.h"

namespace pixmill::pipeline {
namespace {

using testing::EchoSession;
using testing::EngineTest;
using testing::no_memory;

TEST_F(EngineTest, HalvesUntilItFitsAndStaysThere) {
  std::atomic<int> refused = 0;
  Engine it = engine(8, [&](int, std::int64_t batch) {
    if (batch > 2 && ++refused > 0) no_memory();
  });
  EXPECT_EQ(failures(infer(it, 0, 8)), 0);
  EXPECT_EQ(it.wanted(), 2);
  EXPECT_EQ(failures(infer(it, 8, 8)), 0);
  EXPECT_EQ(refused, 2) << "8 and 4, once each";
  EXPECT_EQ(builds, 3);
  EXPECT_EQ(it.share().pictures, 16);
  EXPECT_EQ(
      it.warning(),
      "echo did not have enough memory for 8 pictures at once; the model was reloaded 2 times, and went on with 2; "
      "-b 2 avoids the failed attempts");
}

TEST_F(EngineTest, ASessionForOneBatchSizeIsBuiltForTheSmallerOne) {
  Engine it = engine(
      8,
      [](int, std::int64_t batch) {
        if (batch > 2) no_memory();
      },
      1, true);
  EXPECT_EQ(failures(infer(it, 0, 7)), 0);
  EXPECT_EQ(promised, 2);
  EXPECT_EQ(it.wanted(), 2);
}

TEST_F(EngineTest, AModelOfFixedBatchIsNotHalved) {
  int loads = 0;
  Engine it({"echo",
             [&](int, bool) {
               ++loads;
               return std::make_shared<EchoSession>([](std::int64_t) { no_memory(); }, 4);
             },
             std::make_unique<FixedBatch>(1)});
  EXPECT_EQ(it.wanted(), 4);
  EXPECT_EQ(unfinished(infer(it, 0, 6)), 6);
  EXPECT_EQ(loads, 3) << "once, once more in the hope for a smaller one, and once for a device that may be well again";
}

TEST_F(EngineTest, ABrokenSessionIsReplaced) {
  Engine it = engine(1, [calls = std::make_shared<std::atomic<int>>(0)](int build, std::int64_t) {
    if (build == 1 && ++*calls > 3) no_memory();  // fails until it is rebuilt
  });
  for (int i = 0; i < 10; ++i) EXPECT_EQ(failures(infer(it, i, 1)), 0);
  EXPECT_EQ(builds, 2);
  EXPECT_EQ(it.warning(), "echo ran out of memory; the model was reloaded once, and the pictures were tried again");
}

TEST_F(EngineTest, APictureThatIsTooMuchFailsAloneAndTheRestGoesOn) {
  std::atomic<int> calls = 0;
  Engine it = engine(1, [&](int, std::int64_t) {
    ++calls;
    if (calls == 2 || calls == 3 || calls == 5) no_memory();  // 4 is a picture that ran before
  });
  EXPECT_EQ(failures(infer(it, 0, 1)), 0);
  const auto answers = infer(it, 1, 1);
  EXPECT_EQ(failures(answers), 1);
  EXPECT_EQ(answers[0].error->code(), ErrorCode::out_of_memory);
  EXPECT_EQ(failures(infer(it, 2, 1)), 0);
}

// Requests of several shapes: the first one may be too large for the device, which is none the worse for it.
TEST_F(EngineTest, ARequestTooLargeForTheMemoryIsNoFaultOfTheDevice) {
  std::atomic<bool> large = true;
  Engine it = engine(
      4,
      [&](int, std::int64_t) {
        if (large) no_memory();
      },
      1, false, false);
  for (int i = 0; i < 3; ++i) {
    large = true;
    const auto answers = infer(it, 0, 2);
    EXPECT_EQ(failures(answers), 2);
    EXPECT_EQ(answers.front().error->code(), ErrorCode::out_of_memory);
    large = false;
    EXPECT_EQ(failures(infer(it, 1, 3)), 0);
  }
  EXPECT_TRUE(it.healthy());
}

TEST_F(EngineTest, WhatNeverWorksIsNotBuiltForEver) {
  std::atomic<int> calls = 0;
  Engine it = engine(4, [&](int, std::int64_t) {
    ++calls;
    no_memory();
  });
  for (int i = 0; i < 10; ++i) {
    const auto answers = infer(it, 0, 4);
    EXPECT_EQ(unfinished(answers), 4);
    EXPECT_EQ(answers.front().error->code(), ErrorCode::out_of_memory);
  }
  EXPECT_EQ(builds, 4) << "for 4, 2, 1 at once, and once more";
  EXPECT_LT(calls, 8);
  EXPECT_FALSE(it.healthy());
}

// Memory that somebody else took, a device that fell off the bus: the pictures are left for another one, and the engine
// does not load for ever.
TEST_F(EngineTest, ABatchWithoutASessionIsLeftUnfinished) {
  for (const ErrorCode code : {ErrorCode::out_of_memory, ErrorCode::no_device}) {
    int loads = 0;
    Engine it({"echo",
               [&](int, bool) {
                 if (++loads > 100) return std::make_shared<EchoSession>();  // ends a loop, and the test fails
                 if (loads > 1) throw Error(code, "it cannot be loaded");
                 return std::make_shared<EchoSession>([](std::int64_t) { no_memory(); });
               },
               std::make_unique<FixedBatch>(8)});
    const auto answers = infer(it, 0, 8);
    EXPECT_EQ(unfinished(answers), 8);
    EXPECT_EQ(answers.front().error->code(), code);
    EXPECT_EQ(it.failure()->code(), code);
    EXPECT_LT(loads, 5);
  }
}

TEST_F(EngineTest, NobodyClimbsWhereTheSessionFixesTheBatch) {
  Engine it(
      {"echo", [](int, bool) { return std::make_shared<EchoSession>(nullptr, 1); },
       std::make_unique<ClimbingBatch>(ClimbingBatch::Bounds{.pictures_left = [] { return std::int64_t{1} << 20; }})});
  for (int i = 0; i < 20; ++i) {
    infer(it, i, 1);
    EXPECT_EQ(it.wanted(), 1);
  }
}

TEST_F(EngineTest, ABatchThatTheSessionFixesIsNotCutByMemory) {
  const auto session = std::make_shared<EchoSession>(nullptr, 4);
  Engine it({"echo", [&](int, bool) { return session; }, std::make_unique<FixedBatch>(4), 8});
  infer(it, 0, 4);
  EXPECT_EQ(it.wanted(), 4) << "fewer would be filled up with zeros, and save nothing";
}

TEST_F(EngineTest, AModelThatOnlyPretendsToTakeBatchesRunsOneByOne) {
  Engine it = engine(4, [](int, std::int64_t batch) {
    if (batch > 1) throw Error(ErrorCode::internal, "Reshape: 4 is not 1");
  });
  EXPECT_EQ(failures(infer(it, 0, 4)), 0);
  EXPECT_EQ(it.wanted(), 1);
  EXPECT_EQ(it.warning(), "echo failed with 4 pictures at once (Reshape: 4 is not 1); -b 1 avoids the failed attempt");
}

TEST_F(EngineTest, WhatTheDeviceHasNoMemoryForRunsOnTheCpu) {
  int loads = 0;
  Engine it({.device = "echo",
             .load = [](int, bool) { return std::make_shared<EchoSession>([](std::int64_t) { no_memory(); }); },
             .size = std::make_unique<FixedBatch>(2),
             .one_size = false,
             .load_on_cpu =
                 [&] {
                   ++loads;
                   return std::make_shared<EchoSession>();
                 }});
  EXPECT_EQ(failures(infer(it, 0, 2)), 2);
  EXPECT_EQ(loads, 0);
  EXPECT_EQ(failures(infer(it, 0, 2, true)), 0);
  EXPECT_EQ(failures(infer(it, 2, 1, true)), 0);
  EXPECT_EQ(loads, 1);
  EXPECT_TRUE(it.healthy());
}

TEST_F(EngineTest, WithoutAnotherCpuItIsAnError) {
  Engine it = engine(1, [](int, std::int64_t) {});
  const auto answers = infer(it, 0, 1, true);
  ASSERT_EQ(failures(answers), 1);
  EXPECT_EQ(answers[0].error->code(), ErrorCode::out_of_memory);
}

TEST_F(EngineTest, LargeTensorsBoundTheBatch) {
  const auto session = std::make_shared<EchoSession>();
  Engine it({"echo", [&](int, bool) { return session; }, std::make_unique<FixedBatch>(64), 80});
  infer(it, 0, 1);
  EXPECT_EQ(it.wanted(), 10) << "4 bytes in and 4 out for each picture";
}

// Many threads, and memory that is short now and then: every picture is answered once, and its answer is its own.
TEST_F(EngineTest, ManyStreamsLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kPictures = 400;
  std::atomic<unsigned> calls = 0;
  Engine it = engine(
      8,
      [&](int, std::int64_t batch) {
        const unsigned call = ++calls;
        if (batch > 4 || call % 37 == 0) no_memory();
        if (call % 5 == 0) std::this_thread::yield();
      },
      kThreads);
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int i = 0; i < kPictures;) {
        const int count = std::min(kPictures - i, std::uniform_int_distribution<int>(1, 9)(random));
        failed += failures(infer(it, 1000 * t + i, count));
        i += count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(it.share().pictures + failed, kThreads * kPictures);
  EXPECT_GT(builds, 1);
}

}  // namespace
}  // namespace pixmill::pipeline
