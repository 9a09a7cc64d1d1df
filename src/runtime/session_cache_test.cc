#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/runtime/session.h"
#include "pixmill/runtime/tiny_model.h"

namespace pixmill::runtime {
namespace {

const SessionOptions kCpu = {.backend = "onnxruntime", .device = "cpu", .streams = 2, .threads = 1};

template <typename Work>
void on_threads(int count, Work work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

TEST(SessionCache, OneBuildHoweverManyAskAtOnce) {
  const std::string bytes = tiny::doubling_convolution(3);
  SessionCache cache;
  std::vector<std::shared_ptr<Session>> sessions(8);
  on_threads(8, [&](int i) { sessions[static_cast<std::size_t>(i)] = cache.get(tiny::source(bytes), kCpu); });
  for (const auto& session : sessions) EXPECT_EQ(session, sessions[0]);
  EXPECT_EQ(cache.stats().misses, 1u);
  EXPECT_EQ(cache.stats().hits, 7u);
  EXPECT_EQ(cache.stats().sessions, 1u);
}

TEST(SessionCache, TheContentCountsNotTheName) {
  const std::string relu = tiny::unary("Relu", {1, 4});
  const std::string neg = tiny::unary("Neg", {1, 4});
  SessionCache cache;
  const auto first = cache.get(tiny::source(relu, "a.onnx"), kCpu);
  EXPECT_EQ(cache.get(tiny::source(relu, "b.onnx"), kCpu), first);
  EXPECT_NE(cache.get(tiny::source(neg, "a.onnx"), kCpu), first);
  SessionOptions other = kCpu;
  other.streams = 3;
  EXPECT_NE(cache.get(tiny::source(relu, "a.onnx"), other), first);
  EXPECT_EQ(cache.stats().sessions, 3u);
}

TEST(SessionCache, FailuresReachEveryoneAndAreNotKept) {
  const std::string bytes = tiny::unary("NoSuchOperator", {1, 4});
  SessionCache cache;
  std::vector<ErrorCode> codes(8, ErrorCode::internal);
  on_threads(8, [&](int i) {
    try {
      cache.get(tiny::source(bytes), kCpu);
    } catch (const Error& error) {
      codes[static_cast<std::size_t>(i)] = error.code();
    }
  });
  EXPECT_EQ(codes, std::vector<ErrorCode>(8, ErrorCode::bad_model));
  EXPECT_EQ(cache.stats().sessions, 0u);
  const std::size_t misses = cache.stats().misses;
  EXPECT_THROW(cache.get(tiny::source(bytes), kCpu), Error);
  EXPECT_EQ(cache.stats().misses, misses + 1);
}

// The sizes are estimates that move from load to load, so the budget is raised until it holds two models and not three.
TEST(SessionCache, TheLeastRecentlyUsedGoesFirst) {
  std::vector<std::string> models;
  for (const std::int64_t channels : {1000, 1001, 1002}) models.push_back(tiny::doubling_convolution(channels));
  for (std::size_t budget = 4 * models[0].size();; budget += models[0].size() / 2) {
    ASSERT_LT(budget, 64 * models[0].size()) << "no budget holds two of three models";
    SessionCache cache(budget);
    const auto get = [&](std::size_t i) { return cache.get(tiny::source(models[i]), kCpu); };
    const auto a = get(0);
    const auto b = get(1);
    if (get(0) != a) continue;
    const auto c = get(2);
    if (cache.stats().evictions != 1) continue;
    EXPECT_LE(cache.stats().bytes, budget);
    EXPECT_EQ(get(0), a);
    EXPECT_EQ(get(2), c);
    EXPECT_EQ(cache.stats().misses, 3u);
    EXPECT_NE(get(1), b);
    return;
  }
}

TEST(SessionCache, WhatIsEvictedLivesOnWithItsUser) {
  const std::string a = tiny::unary("Relu", {1, 4});
  const std::string b = tiny::unary("Neg", {1, 4});
  SessionCache none(0);
  const auto kept = none.get(tiny::source(a), kCpu);
  none.get(tiny::source(b), kCpu);
  EXPECT_EQ(none.stats().sessions, 0u);
  EXPECT_EQ(none.stats().evictions, 2u);
  const std::vector<Tensor> outputs = [&] {
    std::vector<Tensor> inputs;
    inputs.push_back(tiny::tensor({1, 4}, -2));
    return kept->run(inputs);
  }();
  EXPECT_EQ(tiny::values(outputs[0]), (std::vector<float>{0, 0, 0, 1}));
}

TEST(SessionCache, TheLimitCanBeChanged) {
  const std::string bytes = tiny::doubling_convolution(1000);
  SessionCache cache;
  const auto first = cache.get(tiny::source(bytes), kCpu);
  EXPECT_EQ(cache.stats().budget_bytes, SessionCache::kDefaultBudget);
  EXPECT_EQ(cache.get(tiny::source(bytes), kCpu), first);
  cache.set_budget(0);
  EXPECT_EQ(cache.stats().sessions, 0u);
  EXPECT_EQ(cache.stats().evictions, 1u);
  const auto second = cache.get(tiny::source(bytes), kCpu);
  EXPECT_NE(second, first);
  EXPECT_NE(cache.get(tiny::source(bytes), kCpu), second) << "nothing is kept";
  cache.set_budget(SessionCache::kDefaultBudget);
  const auto third = cache.get(tiny::source(bytes), kCpu);
  EXPECT_EQ(cache.get(tiny::source(bytes), kCpu), third);
}

TEST(SessionCache, ClearForgetsAndTheNextOneIsBuiltAnew) {
  const std::string bytes = tiny::unary("Relu", {1, 4});
  SessionCache cache;
  const auto first = cache.get(tiny::source(bytes), kCpu);
  cache.clear();
  EXPECT_EQ(cache.stats().sessions, 0u);
  EXPECT_NE(cache.get(tiny::source(bytes), kCpu), first);
  EXPECT_EQ(cache.stats().misses, 2u);
}

TEST(SessionCache, ManyThreadsManyKeysAndClears) {
  std::vector<std::string> models;
  for (const char* op : {"Relu", "Neg", "Abs", "Sigmoid"}) models.push_back(tiny::unary(op, {1, 4}));
  SessionCache cache;
  on_threads(8, [&](int i) {
    for (int round = 0; round < 8; ++round) {
      const auto session = cache.get(tiny::source(models[static_cast<std::size_t>(i + round) % models.size()]), kCpu);
      EXPECT_NE(session, nullptr);
      if (i == 0 && round % 3 == 2) cache.clear();
      EXPECT_LE(cache.stats().sessions, models.size());
    }
  });
  EXPECT_EQ(cache.stats().hits + cache.stats().misses, 64u);
}

}  // namespace
}  // namespace pixmill::runtime
