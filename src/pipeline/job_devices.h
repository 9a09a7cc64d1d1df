// The engines of a job, loaded when they are wanted.
#pragma once

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "pipeline/engine.h"
#include "pipeline/engines.h"
#include "pipeline/reporter.h"

namespace pixmill::pipeline {

// The devices of a job. Graphs are loaded on other threads than the one that asks for them. Thread-safe.
class Devices {
 public:
  explicit Devices(Reporter& reporter) : reporter_(reporter) {}

  // Once for each graph. Returns none where loading failed: see check().
  std::vector<Engine*> load(const EngineRequest& request) {
    std::vector<std::unique_ptr<Engine>> loaded;
    std::exception_ptr failure;
    try {
      loaded = load_engines(request, reporter_);
    } catch (...) {
      failure = std::current_exception();
    }
    const std::scoped_lock lock(mutex_);
    std::vector<Engine*> borrowed;
    for (auto& engine : loaded) {
      borrowed.push_back(engine.get());
      const auto after = std::find_if(engines_.begin(), engines_.end(),
                                      [&](const auto& other) { return other->graph() > engine->graph(); });
      engines_.insert(after, std::move(engine));
    }
    graphs_.insert(request.index);
    if (failure && !failure_) failure_ = failure;
    return borrowed;
  }

  // Throws what loading threw first.
  void check() const {
    const std::scoped_lock lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
  }

  // Whether nothing is left that runs one of the graphs that were loaded.
  bool none_left() const {
    const std::scoped_lock lock(mutex_);
    return std::any_of(graphs_.begin(), graphs_.end(), [&](int graph) {
      return std::none_of(engines_.begin(), engines_.end(),
                          [&](const auto& one) { return one->graph() == graph && one->healthy(); });
    });
  }

  // By graph. For the time when nothing is loaded any more.
  const std::vector<std::unique_ptr<Engine>>& all() const { return engines_; }

 private:
  Reporter& reporter_;
  mutable std::mutex mutex_;                      // guards all below
  std::vector<std::unique_ptr<Engine>> engines_;  // by graph
  std::set<int> graphs_;                          // that were loaded, or could not be
  std::exception_ptr failure_;
};

}  // namespace pixmill::pipeline
