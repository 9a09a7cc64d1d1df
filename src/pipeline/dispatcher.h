// Collects preprocessed pictures of one shape into batches and distributes them to the devices.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "pipeline/engine.h"
#include "pipeline/item.h"
#include "pixmill/core/tensor_batch.h"

namespace pixmill::pipeline {

// A device takes when it is free, so a fast one takes more. A batch leaves when it has as many pictures as the device
// wants, or when nothing more is on its way: so it never waits for a picture that cannot come, and a slow decoder makes
// smaller batches instead of a waiting device. What a broken engine leaves goes to the others. Every picture leaves
// once. Thread-safe.
class Dispatcher {
 public:
  struct Order {
    Engine* engine = nullptr;
    Batch batch;
  };

  struct Next {
    std::vector<Order> orders;     // to run now
    Batch left = {};               // no engine is left for them
    const Engine* lost = nullptr;  // called once for each engine that broke while another one works
  };

  // The engines must outlive it. Without any it holds what arrives until start().
  explicit Dispatcher(const std::vector<Engine*>& engines);

  // Once, where it was made without engines: these are they.
  Next start(const std::vector<Engine*>& engines);

  // Each picture is announced, and later either arrives or turns out to need no inference. What is to run now is
  // answered; after each order ended() must be called, with what the engine did not finish.
  void expect();
  Next arrived(ItemPtr item);
  Next needs_none();
  Next ended(const Engine& engine, Batch unfinished);

 private:
  struct Lane {
    Engine* engine = nullptr;
    int in_flight = 0;
    bool lost = false;
  };

  void put(ItemPtr item);
  Next deal();
  void look_for_lost(Next& next);
  std::optional<Batch> take(std::size_t wanted);
  std::vector<Lane*> free_lanes();

  std::mutex mutex_;  // guards all below
  bool started_ = false;
  std::size_t upstream_ = 0;    // announced, not here
  std::vector<Batch> waiting_;  // one group for each shape; none is empty
  std::vector<Lane> lanes_;
};

}  // namespace pixmill::pipeline
