// The pipeline with a stand-in for a model: order, batches, failures, memory.
#include <barrier>
#include <chrono>
#include <map>
#include <thread>

#include "pipeline/line_fixture.h"

namespace pixmill::pipeline {
namespace {

using testing::EchoSession;
using testing::LineTest;
using testing::MeanTask;

TEST_F(LineTest, EveryPictureBecomesItsOwnResult) {
  run(std::make_shared<EchoSession>(nullptr, -1, 2), 60, 1);
  EXPECT_EQ(ended_.done, 60);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, BatchesDoNotMixPictures) {
  const auto session = std::make_shared<EchoSession>();
  run(session, 61, 4);
  EXPECT_EQ(ended_.done, 61);
  EXPECT_LE(session->largest_batch, 4);
  for (int i = 0; i < 61; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, AFixedBatchIsFilledUp) {
  run(std::make_shared<EchoSession>([](std::int64_t batch) { ASSERT_EQ(batch, 4); }, 4), 10, 1);
  EXPECT_EQ(ended_.done, 10);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, BadPicturesFailAloneAndShiftNothing) {
  run(std::make_shared<EchoSession>(), 40, 4, 7);
  EXPECT_EQ(ended_.failed, 6);
  EXPECT_EQ(ended_.done, 34);
  for (int i = 0; i < 40; ++i) {
    if (i % 7 != 0) EXPECT_EQ(level_of(i), i);
  }
  for (const Event& event : events_) {
    if (const auto* failed = std::get_if<Failed>(&event))
      EXPECT_NE(failed->message.find(failed->input.string()), std::string::npos);
  }
}

TEST_F(LineTest, ABatchThatDoesNotFitIsHalved) {
  const auto session = std::make_shared<EchoSession>([](std::int64_t batch) {
    if (batch > 2) throw Error(ErrorCode::out_of_memory, "not enough device memory");
  });
  run(session, 32, 8);
  EXPECT_EQ(ended_.done, 32);
  EXPECT_LE(session->largest_batch, 2);
  for (int i = 0; i < 32; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, AModelThatAlwaysFailsLeavesEveryPicture) {
  run(std::make_shared<EchoSession>(
          [](std::int64_t) { throw Error(ErrorCode::out_of_memory, "not enough device memory"); }),
      9, 4);
  EXPECT_EQ(ended_.failed, 0);
  EXPECT_EQ(ended_.done, 0);
  EXPECT_EQ(ended_.unfinished(), 9);
}

TEST_F(LineTest, InferencesRunSideBySide) {
  std::barrier both(2);  // would wait for ever if one inference had to end before the next may start
  std::atomic<int> calls = 0;
  const auto meet = [&](std::int64_t) {
    if (calls++ < 2) both.arrive_and_wait();
  };
  run(std::make_shared<EchoSession>(meet, -1, 2), 20, 1);
  EXPECT_EQ(ended_.done, 20);
}

TEST_F(LineTest, SeveralDevicesShareThePictures) {
  const auto slow =
      std::make_shared<EchoSession>([](std::int64_t) { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
  const auto fast = std::make_shared<EchoSession>();
  Engine first({"slow", [&](int, bool) { return slow; }, std::make_unique<FixedBatch>(1)});
  Engine second({"fast", [&](int, bool) { return fast; }, std::make_unique<FixedBatch>(3)});
  run({&first, &second}, 80);
  EXPECT_EQ(ended_.done, 80);
  EXPECT_GT(first.share().pictures, 0);
  EXPECT_GT(second.share().pictures, first.share().pictures);
  EXPECT_EQ(first.share().pictures + second.share().pictures, 80);
  for (int i = 0; i < 80; ++i) EXPECT_EQ(level_of(i), i);
}

// A device that dies must not swallow what another one can do.
TEST_F(LineTest, ABrokenDeviceGetsNoMore) {
  const auto broken =
      std::make_shared<EchoSession>([](std::int64_t) { throw Error(ErrorCode::internal, "the device was lost"); });
  const auto slow =
      std::make_shared<EchoSession>([](std::int64_t) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
  Engine first({"broken", [&](int, bool) { return broken; }, std::make_unique<FixedBatch>(1)});
  Engine second({"slow", [&](int, bool) { return slow; }, std::make_unique<FixedBatch>(1)});
  run({&first, &second}, 60);
  EXPECT_EQ(ended_.failed, 0);
  EXPECT_EQ(ended_.done, 60);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(level_of(i), i);
  EXPECT_EQ(ended_.warnings,
            (std::vector<std::string>{"broken no longer works: the device was lost; its pictures go to "
                                      "the other devices"}));
}

// Batches in flight on two streams when the device dies: the other one gets each picture once.
TEST_F(LineTest, WhatADeadDeviceHeldGoesToTheOthersOnce) {
  for (const int lives : {0, 1, 5, 11}) {
    std::atomic<int> calls = 0;
    const auto dying = std::make_shared<EchoSession>(
        [&](std::int64_t) {
          if (++calls > lives) throw Error(ErrorCode::internal, "the driver was reset");
        },
        -1, 2);
    const auto steady = std::make_shared<EchoSession>();
    Engine first({"dying", [&](int, bool) { return dying; }, std::make_unique<FixedBatch>(3)});
    Engine second({"steady", [&](int, bool) { return steady; }, std::make_unique<FixedBatch>(2)});
    events_.clear();
    run({&first, &second}, 120);
    EXPECT_EQ(first.share().pictures + second.share().pictures, 120);
    EXPECT_EQ(steady->pictures, second.share().pictures);
    std::map<std::filesystem::path, int> ends;
    for (const Event& event : events_) {
      if (const auto* done = std::get_if<Done>(&event)) ++ends[done->input];
      EXPECT_EQ(std::get_if<Failed>(&event), nullptr);
    }
    EXPECT_EQ(ends.size(), 120U);
    for (const auto& [input, times] : ends) EXPECT_EQ(times, 1) << input;
    for (int i = 0; i < 120; ++i) EXPECT_EQ(level_of(i), i);
  }
}

TEST_F(LineTest, TheLastDeviceThatDiesLeavesTheRestUnfinished) {
  std::atomic<int> calls = 0;
  const auto dying = std::make_shared<EchoSession>([&](std::int64_t) {
    if (++calls > 4) throw Error(ErrorCode::internal, "the driver was reset");
  });
  run(dying, 50, 2, 10);
  EXPECT_EQ(ended_.failed, 5) << "those that are damaged";
  EXPECT_GT(ended_.done, 0);
  EXPECT_EQ(ended_.unfinished(), 45 - ended_.done);
  EXPECT_EQ(ended_.done, std::count_if(events_.begin(), events_.end(),
                                       [](const Event& event) { return std::holds_alternative<Done>(event); }));
}

TEST_F(LineTest, TheEnginesAreLoadedOnceWhenAPictureNeedsThem) {
  const auto session = std::make_shared<EchoSession>();
  std::unique_ptr<Engine> engine;
  std::atomic<int> loads = 0;
  const auto load = [&](int) {
    ++loads;
    engine.reset(new Engine({"echo", [&](int, bool) { return session; }, std::make_unique<FixedBatch>(2)}));
    return std::vector<Engine*>{engine.get()};
  };
  run({}, 20, 1, load);
  EXPECT_EQ(ended_.failed, 20) << "all are damaged";
  EXPECT_EQ(loads, 0);
  run({}, 40, 7, load);
  EXPECT_EQ(loads, 1);
  EXPECT_EQ(ended_.done, 34);
  for (int i = 0; i < 40; ++i) {
    if (i % 7 != 0) EXPECT_EQ(level_of(i), i);
  }
}

// The model that loads is not the planned one: what came before it is looked up again.
TEST_F(LineTest, AnswersOfTheEngineThatLoadsAreFound) {
  ResultCache results(folder_ / "results", 1 << 20, "loaded");
  for (int i = 0; i < 20; ++i) {
    Tensor level({1, 1}, ElementType::f32);
    level.as<float>()[0] = static_cast<float>(i);
    std::vector<Tensor> outputs;
    outputs.emplace_back(std::vector<std::int64_t>{1, 1}, ElementType::f32);
    outputs[0].as<float>()[0] = static_cast<float>(i);
    results.store(results.key_of(level), outputs, 1000.0);
  }
  results.set_engine("planned");
  const auto session = std::make_shared<EchoSession>();
  std::unique_ptr<Engine> engine;
  const auto load = [&](int) {
    engine.reset(new Engine({"echo", [&](int, bool) { return session; }, std::make_unique<FixedBatch>(2)}));
    results.set_engine("loaded");
    return std::vector<Engine*>{engine.get()};
  };
  run({}, 20, 0, load, &results);
  EXPECT_EQ(ended_.done, 20);
  EXPECT_EQ(session->pictures, 0);
  EXPECT_EQ(results.stats().hits, 20);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(level_of(i), i);
}

// A task of two graphs, of which the second one gets what the first one made.
class TwoGraphs final : public MeanTask {
 public:
  std::vector<tasks::Graph> graphs() const override {
    return {{.role = "encoder", .outputs = {0}, .typical = {{1, 1}}, .keep = tasks::Keep::always},
            {.role = "decoder", .outputs = {0}, .typical = {{1, 1}}, .keep = tasks::Keep::never}};
  }
  void run(Image photo, tasks::Context& context) const override {
    std::vector<Tensor> encoded = context.infer(0, {level(photo.row<std::uint8_t>(0)[0])}).get();
    const auto shared = std::make_shared<const Tensor>(std::move(encoded.at(0)));
    (void)context.infer(1, {shared}).get();
    context.picture("picture", pixel(context.infer(1, {shared}).get().at(0).as<float>()[0]));
  }
};

// What was kept of the first graph serves the next run, which does not load that graph.
TEST_F(LineTest, AGraphWhoseAnswersAreKeptIsNotLoadedAgain) {
  task_ = std::make_unique<TwoGraphs>();
  const auto cache = [&] {
    return std::make_unique<ResultCache>(folder_ / "results", 1 << 20, std::vector<std::string>{"encoder", "decoder"});
  };
  std::vector<std::unique_ptr<Engine>> engines;
  std::vector<std::shared_ptr<EchoSession>> sessions = {std::make_shared<EchoSession>(),
                                                        std::make_shared<EchoSession>()};
  std::atomic<int> loads[2] = {0, 0};
  std::mutex mutex;
  const auto load = [&](int graph) {
    ++loads[graph];
    const std::scoped_lock lock(mutex);
    engines.push_back(std::make_unique<Engine>(
        Engine::Parts{.device = "echo",
                      .load = [&, graph](int, bool) { return sessions[static_cast<std::size_t>(graph)]; },
                      .size = std::make_unique<FixedBatch>(2),
                      .graph = graph}));
    return std::vector<Engine*>{engines.back().get()};
  };
  auto results = cache();
  run({}, 20, 0, load, results.get());
  EXPECT_EQ(ended_.done, 20);
  EXPECT_EQ(sessions[0]->pictures, 20);
  EXPECT_EQ(sessions[1]->pictures, 40);
  EXPECT_EQ(results->stats().stored, 20) << "nothing of the second graph";
  results = cache();
  run({}, 20, 0, load, results.get());
  EXPECT_EQ(sessions[0]->pictures, 20) << "none is made twice";
  EXPECT_EQ(sessions[1]->pictures, 80);
  EXPECT_EQ(loads[0], 1);
  EXPECT_EQ(loads[1], 2);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(level_of(i), i);
}

// One of two graphs cannot be loaded: the pictures are left, and nobody waits for it.
TEST_F(LineTest, AGraphThatDoesNotLoadLeavesThePictures) {
  task_ = std::make_unique<TwoGraphs>();
  const auto session = std::make_shared<EchoSession>();
  Engine encoder({.device = "echo",
                  .load = [&](int, bool) { return session; },
                  .size = std::make_unique<FixedBatch>(2),
                  .graph = 0});
  run({}, 10, 0, [&](int graph) { return graph == 0 ? std::vector<Engine*>{&encoder} : std::vector<Engine*>(); });
  EXPECT_EQ(ended_.done, 0);
  EXPECT_EQ(ended_.unfinished(), 10);
}

TEST_F(LineTest, WithoutEnginesEveryPictureIsLeft) {
  run({}, 20, 5, [](int) { return std::vector<Engine*>(); });
  EXPECT_EQ(ended_.failed, 4);
  EXPECT_EQ(ended_.done, 0);
  EXPECT_EQ(ended_.unfinished(), 16);
}

TEST_F(LineTest, BatchesAreCountedAndTold) {
  run(std::make_shared<EchoSession>(), 40, 4);
  EXPECT_GE(ended_.batches, 10);
  const auto told = std::find_if(events_.begin(), events_.end(),
                                 [](const Event& event) { return std::holds_alternative<BatchEnded>(event); });
  ASSERT_NE(told, events_.end());
  const auto& batch = std::get<BatchEnded>(*told);
  EXPECT_EQ(batch.device, "cpu") << "where it ran, not what was asked for";
  EXPECT_GT(batch.pictures, 0);
  EXPECT_GT(batch.rate, 0.0);
  EXPECT_GT(batch.average_rate, 0.0);
  EXPECT_GT(batch.memory_bytes, 1 << 20);
  EXPECT_GE(ended_.peak_rate, ended_.rate);
  EXPECT_GT(ended_.average_memory_bytes, 1 << 20);
  EXPECT_LE(ended_.average_memory_bytes, ended_.peak_memory_bytes);
}

TEST(Reporter, BatchesDoNotFloodTheEvents) {
  int told = 0;
  const EventSink sink = [&](const Event& event) { told += std::holds_alternative<BatchEnded>(event) ? 1 : 0; };
  Reporter reporter(sink);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20'000; ++i) reporter.batch_ended("echo", 1, 1.0);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_GE(told, 1);
  EXPECT_LE(told, 1 + static_cast<int>(seconds / 0.2));
  EXPECT_EQ(reporter.totals().batches, 20'000);
}

// Whatever batch size is requested next, every picture becomes its own result, once.
TEST_F(LineTest, ChangingBatchesLoseNothing) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    const auto session = std::make_shared<EchoSession>(nullptr, -1, 2);
    Engine engine({"echo", [&](int, bool) { return session; }, std::make_unique<testing::RandomBatch>(seed)});
    Engine other({"other", [&](int, bool) { return session; }, std::make_unique<testing::RandomBatch>(seed + 10)});
    events_.clear();
    const std::int64_t before = session->pictures;
    run({&engine, &other}, 200, 13);
    EXPECT_EQ(session->pictures - before, 200 - 16);
    std::map<std::filesystem::path, int> ends;
    for (const Event& event : events_) {
      if (const auto* done = std::get_if<Done>(&event)) ++ends[done->input];
      if (const auto* failed = std::get_if<Failed>(&event)) ++ends[failed->input];
    }
    EXPECT_EQ(ends.size(), 200U);
    for (const auto& [input, times] : ends) EXPECT_EQ(times, 1) << input;
    for (int i = 0; i < 200; ++i) {
      if (i % 13 != 0) EXPECT_EQ(level_of(i), i);
    }
  }
}

TEST(Budget, LetsAGiantInWhenItIsAlone) {
  Budget budget(100, 10);
  bool waited = false;
  {
    const auto giant = budget.acquire(1000, waited);
    EXPECT_FALSE(waited);
    EXPECT_EQ(budget.items_in_flight(), 1U);
  }
  auto small = budget.acquire(60, waited);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    small = {};
  });
  const auto next = budget.acquire(60, waited);
  EXPECT_TRUE(waited);
  other.join();
}

}  // namespace
}  // namespace pixmill::pipeline
