// For the tests of an engine: scripted sessions, and the events of the engine.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/engine.h"
#include "pipeline/testing.h"

namespace pixmill::pipeline::testing {

[[noreturn]] inline void no_memory() {
  throw Error(ErrorCode::out_of_memory, "inference failed: not enough memory");
}

// Loads sessions that do what the test says, and keeps count of them.
class EngineTest : public ::testing::Test {
 protected:
  using Behaviour = std::function<void(int build, std::int64_t batch)>;

  Engine engine(int batch, Behaviour behaviour, int streams = 1, bool fixed = false, bool one_size = true) {
    return Engine({.device = "echo",
                   .load = [this, behaviour, streams, fixed](int size, bool anew) -> std::shared_ptr<runtime::Session> {
                     EXPECT_EQ(anew, builds > 0);
                     EXPECT_TRUE(last_.expired()) << "two sessions at once may be more than the device holds";
                     promised = size;
                     auto session = std::make_shared<EchoSession>(
                         [behaviour, build = ++builds](std::int64_t got) { behaviour(build, got); }, fixed ? size : -1,
                         streams);
                     last_ = session;
                     return session;
                   },
                   .size = std::make_unique<FixedBatch>(batch),
                   .one_size = one_size});
  }

  // Answers for pictures of these levels; each must be its own or an error.
  static std::vector<Engine::Answer> infer(Engine& engine, int first, int count, bool on_cpu = false) {
    std::vector<tasks::Tensors> tensors;
    std::vector<const tasks::Tensors*> inputs;
    for (int i = 0; i < count; ++i) {
      auto level = std::make_shared<Tensor>(std::vector<std::int64_t>{1, 1}, ElementType::f32);
      level->as<float>()[0] = static_cast<float>(first + i);
      tensors.push_back({std::move(level)});
    }
    for (const tasks::Tensors& one : tensors) inputs.push_back(&one);
    std::vector<Engine::Answer> answers = on_cpu ? engine.infer_on_cpu(inputs, {}) : engine.infer(inputs, {});
    EXPECT_EQ(answers.size(), inputs.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].error) continue;
      EXPECT_EQ(answers[i].outputs.at(0).as<float>()[0], tensors[i][0]->as<float>()[0]);
    }
    return answers;
  }

  // Pictures that are at fault themselves.
  static int failures(const std::vector<Engine::Answer>& answers) {
    return static_cast<int>(std::count_if(answers.begin(), answers.end(), [](const auto& answer) {
      return answer.error.has_value() && !answer.unfinished;
    }));
  }

  static int unfinished(const std::vector<Engine::Answer>& answers) {
    return static_cast<int>(
        std::count_if(answers.begin(), answers.end(), [](const auto& answer) { return answer.unfinished; }));
  }

  std::atomic<int> builds = 0;
  std::atomic<int> promised = 0;

 private:
  std::weak_ptr<runtime::Session> last_;
};

[[noreturn]] inline void lost() {
  throw Error(ErrorCode::internal, "cudaErrorDeviceUninitialized");
}

// The events of the engine.
struct Told {
  std::vector<std::string> warnings;
  std::vector<std::pair<int, int>> batches;
  std::vector<std::string> reasons;  // of these
  EventSink sink = [this](const Event& event) {
    if (const auto* warning = std::get_if<Warning>(&event)) warnings.push_back(warning->message);
    if (const auto* changed = std::get_if<BatchChanged>(&event)) {
      batches.emplace_back(changed->from, changed->to);
      reasons.push_back(changed->reason);
    }
  };
};

}  // namespace pixmill::pipeline::testing
