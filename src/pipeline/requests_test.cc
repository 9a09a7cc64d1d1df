// Tasks that ask for more than one inference, on both kinds of threads.
#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "pipeline/dispatcher.h"
#include "pipeline/line_fixture.h"

namespace pixmill::pipeline {
namespace {

using testing::EchoSession;
using testing::MeanTask;

class RequestsTest : public testing::LineTest, public ::testing::WithParamInterface<bool> {
 protected:
  void SetUp() override { plain_threads_ = GetParam(); }

  template <typename Run>
  void use(std::int64_t inferences, int graphs, Run run) {
    class Task final : public MeanTask {
     public:
      Task(std::int64_t inferences, int graphs, Run run) : inferences_(inferences), graphs_(graphs), run_(run) {}
      std::vector<tasks::Graph> graphs() const override {
        return std::vector<tasks::Graph>(static_cast<std::size_t>(graphs_), {"model", {0}, {{1, 1}}});
      }
      tasks::Cost cost(Size) const override { return {100, inferences_}; }
      void run(Image picture, tasks::Context& context) const override {
        const float made = run_(static_cast<float>(picture.row<std::uint8_t>(0)[0]), context);
        context.picture("picture", pixel(made));
      }
      using MeanTask::level;

     private:
      std::int64_t inferences_;
      int graphs_;
      Run run_;
    };
    task_ = std::make_unique<Task>(inferences, graphs, run);
  }

  static tasks::Pending ask(tasks::Context& context, int graph, float value, std::int64_t width = 1) {
    auto tensor = std::make_shared<Tensor>(std::vector<std::int64_t>{1, width}, ElementType::f32);
    std::fill_n(tensor->as<float>().begin(), width, value);
    return context.infer(graph, {std::move(tensor)});
  }
  static float value_of(tasks::Pending pending) { return pending.get().at(0).as<float>()[0]; }

  static Engine engine(const std::shared_ptr<EchoSession>& session, int batch, int graph = 0) {
    return Engine({.device = "echo",
                   .load = [session](int, bool) { return session; },
                   .size = std::make_unique<FixedBatch>(batch),
                   .graph = graph});
  }
};

TEST_P(RequestsTest, FiftyAPictureInBatchesOverAllPictures) {
  use(50, 1, [](float level, tasks::Context& context) {
    std::vector<tasks::Pending> all;
    for (int i = 0; i < 50; ++i) all.push_back(ask(context, 0, level * 100 + static_cast<float>(i)));
    float sum = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
      sum += value_of(std::move(all[i])) - level * 100 - static_cast<float>(i);
    return level + sum;  // the sum is 0 where every answer is that of its own question
  });
  const auto session = std::make_shared<EchoSession>(nullptr, -1, 2);
  Engine it = engine(session, 8);
  run({&it}, 40, 9);
  EXPECT_EQ(ended_.done, 35);
  EXPECT_EQ(session->pictures, 35 * 50);
  EXPECT_EQ(session->largest_batch, 8);
  EXPECT_LT(session->runs, 35 * 50 / 4) << "batches are mostly full";
  for (int i = 0; i < 40; ++i) {
    if (i % 9 != 0) EXPECT_EQ(level_of(i), i);
  }
}

TEST_P(RequestsTest, OneAfterTheOther) {
  use(3, 1, [](float level, tasks::Context& context) {
    for (int i = 0; i < 30; ++i) level = value_of(ask(context, 0, level)) + (i % 2 == 0 ? 1.0F : -1.0F);
    return level;
  });
  run(std::make_shared<EchoSession>(nullptr, -1, 2), 30, 4);
  EXPECT_EQ(ended_.done, 30);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_P(RequestsTest, TwoGraphsEachOnItsOwnEngine) {
  use(2, 2, [](float level, tasks::Context& context) {
    tasks::Pending wide = ask(context, 1, level, 3);
    return value_of(ask(context, 0, level)) + value_of(std::move(wide)) - level;
  });
  const auto first = std::make_shared<EchoSession>(), second = std::make_shared<EchoSession>();
  Engine a = engine(first, 1), b = engine(second, 2, 1);
  run({&a, &b}, 30);
  EXPECT_EQ(ended_.done, 30);
  EXPECT_EQ(first->pictures, 30);
  EXPECT_EQ(second->pictures, 30);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_P(RequestsTest, AGraphWhoseDeviceDiesLeavesItsPictures) {
  use(2, 2, [](float level, tasks::Context& context) {
    value_of(ask(context, 0, level));
    return value_of(ask(context, 1, level));
  });
  const auto dead =
      std::make_shared<EchoSession>([](std::int64_t) { throw Error(ErrorCode::internal, "the driver was reset"); });
  Engine a = engine(std::make_shared<EchoSession>(), 1), b = engine(dead, 1, 1);
  run({&a, &b}, 20, 5);
  EXPECT_EQ(ended_.failed, 4) << "those that are damaged";
  EXPECT_EQ(ended_.done, 0);
  EXPECT_EQ(ended_.unfinished(), 16);
}

// What it asked for and never took must not stop the others, nor be waited for.
TEST_P(RequestsTest, ATaskThatThrowsBetweenItsRequestsFailsAlone) {
  use(20, 1, [](float level, tasks::Context& context) {
    std::vector<tasks::Pending> all;
    for (int i = 0; i < 20; ++i) all.push_back(ask(context, 0, level));
    value_of(std::move(all[7]));
    if (static_cast<int>(level) % 3 == 0) throw Error(ErrorCode::bad_model, "the answer makes no sense");
    return level;
  });
  run(std::make_shared<EchoSession>(nullptr, -1, 2), 60, 4);
  EXPECT_EQ(ended_.failed, 20);
  EXPECT_EQ(ended_.done, 40);
  for (int i = 0; i < 60; ++i) {
    if (i % 3 != 0) EXPECT_EQ(level_of(i), i);
  }
}

TEST_P(RequestsTest, AnErrorOfOneRequestNamesThePicture) {
  use(2, 1, [](float level, tasks::Context& context) {
    tasks::Pending good = ask(context, 0, level), bad = ask(context, 0, level == 5 ? 200.0F : level);
    return value_of(std::move(good)) + value_of(std::move(bad)) - level;
  });
  class Picky final : public EchoSession {
   public:
    std::vector<Tensor> run_inputs(std::span<const Tensor* const> inputs, std::span<const int> wanted) override {
      const auto values = inputs[0]->as<float>();
      if (std::any_of(values.begin(), values.end(), [](float value) { return value > 100; }))
        throw Error(ErrorCode::internal, "Reshape: it does not fit");
      return EchoSession::run_inputs(inputs, wanted);
    }
  };
  run(std::make_shared<Picky>(), 20, 3);
  EXPECT_EQ(ended_.done, 19);
  EXPECT_EQ(ended_.failed, 1);
  const auto failed = std::find_if(events_.begin(), events_.end(),
                                   [](const Event& event) { return std::holds_alternative<Failed>(event); });
  ASSERT_NE(failed, events_.end());
  EXPECT_EQ(std::get<Failed>(*failed).message, "5.png: Reshape: it does not fit");
}

TEST_P(RequestsTest, ATaskThatMakesNoPictureFails) {
  class Lazy final : public MeanTask {
    void run(Image, tasks::Context&) const override {}
  };
  task_ = std::make_unique<Lazy>();
  run(std::make_shared<EchoSession>(), 5, 1);
  EXPECT_EQ(ended_.failed, 5);
}

TEST_P(RequestsTest, ATaskThatAsksForNothingNeedsNoDevice) {
  use(1, 1, [](float level, tasks::Context&) { return level; });
  int loads = 0;
  run({}, 30, 0, [&](int) {
    ++loads;
    return std::vector<Engine*>();
  });
  EXPECT_EQ(ended_.done, 30);
  EXPECT_EQ(loads, 0);
}

TEST_P(RequestsTest, RowsBecomeAFile) {
  class Rows final : public MeanTask {
    void run(Image picture, tasks::Context& context) const override {
      const std::uint8_t level = picture.row<std::uint8_t>(0)[0];
      tasks::RowSink& sink = context.rows("picture", {20, 30}, 1, PixelType::u8);
      Image strip({20, 7}, 1);
      std::fill_n(strip.row<std::uint8_t>(0), strip.bytes(), level);
      for (int y = 0; y < 28; y += 7) sink.write(strip);
      if (level != 3) sink.write(strip.view().crop({0, 0, 20, 2}));
    }
  };
  task_ = std::make_unique<Rows>();
  run(std::make_shared<EchoSession>(), 6, 1);
  EXPECT_EQ(ended_.done, 5);
  EXPECT_EQ(ended_.failed, 1) << "two rows are missing";
  for (int i = 0; i < 6; ++i) {
    if (i != 3) EXPECT_EQ(level_of(i), i);
  }
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out")) files += entry.exists() ? 1 : 0;
  EXPECT_EQ(files, 5) << "nothing of the failed one stays";
}

INSTANTIATE_TEST_SUITE_P(Threads, RequestsTest, ::testing::Bool(),
                         [](const auto& kind) { return std::string(kind.param ? "Plain" : "Resumable"); });

// The dispatcher alone: what leaves when.
class DispatcherTest : public ::testing::Test {
 protected:
  RequestPtr request(const std::shared_ptr<Requester>& requester, std::int64_t width, bool last = false) {
    auto made = std::make_shared<Request>();
    made->requester = requester;
    made->inputs = {std::make_shared<Tensor>(std::vector<std::int64_t>{1, width}, ElementType::f32)};
    made->last = last;
    return made;
  }
  Engine engine_{{"echo", [](int, bool) { return std::make_shared<EchoSession>(); }, std::make_unique<FixedBatch>(4)}};
};

TEST_F(DispatcherTest, ARareShapeDoesNotStarve) {
  Dispatcher dispatcher({&engine_});
  const auto rare = dispatcher.begins();
  EXPECT_TRUE(dispatcher.add(request(rare, 7)).orders.empty()) << "others may come that go with it";
  std::vector<std::int64_t> widths;
  std::vector<Dispatcher::Order> running;
  for (int i = 0; i < 40 && (widths.empty() || widths.back() != 7); ++i) {
    Dispatcher::Next next = dispatcher.add(request(dispatcher.begins(), 1));
    for (Dispatcher::Order& order : next.orders) running.push_back(std::move(order));
    if (running.empty()) continue;
    widths.push_back(running.back().batch.front()->inputs.front()->shape()[1]);
    const Dispatcher::Order order = std::move(running.back());
    running.pop_back();
    next = dispatcher.ended(*order.engine, order.batch, {});
    for (Dispatcher::Order& more : next.orders) running.push_back(std::move(more));
  }
  EXPECT_EQ(widths, (std::vector<std::int64_t>{1, 1, 1, 1, 7}));
}

TEST_F(DispatcherTest, TheOldestPictureGoesFirst) {
  Dispatcher dispatcher({});
  const auto first = dispatcher.begins(), second = dispatcher.begins(), third = dispatcher.begins();
  for (const auto& requester : {third, first, second}) dispatcher.add(request(requester, 1));
  dispatcher.add(request(first, 2));
  const Dispatcher::Next none = dispatcher.start(0, {&engine_});
  EXPECT_TRUE(none.orders.empty());
  dispatcher.ends(*third);
  dispatcher.ends(*second);
  const Dispatcher::Next next = dispatcher.ends(*first);  // nobody is left who could ask
  ASSERT_EQ(next.orders.size(), 1U);
  const Batch& batch = next.orders[0].batch;
  ASSERT_EQ(batch.size(), 3U);
  for (std::int64_t i = 0; i < 3; ++i) EXPECT_EQ(batch[static_cast<std::size_t>(i)]->requester->number, i);
}

TEST_F(DispatcherTest, ABatchLeavesWhenThePicturesHaveAskedForAll) {
  Dispatcher dispatcher({&engine_});
  const auto first = dispatcher.begins(), second = dispatcher.begins();
  EXPECT_TRUE(dispatcher.add(request(first, 1, true)).orders.empty());
  const Dispatcher::Next next = dispatcher.add(request(second, 1, true));
  ASSERT_EQ(next.orders.size(), 1U);
  EXPECT_EQ(next.orders[0].batch.size(), 2U);
}

TEST_F(DispatcherTest, WhatIsCancelledIsNotRun) {
  Dispatcher dispatcher({&engine_});
  const auto requester = dispatcher.begins();
  const RequestPtr dropped = request(requester, 1);
  dispatcher.add(dropped);
  dispatcher.cancel(dropped);
  EXPECT_TRUE(dispatcher.ends(*requester).orders.empty());
}

}  // namespace
}  // namespace pixmill::pipeline
