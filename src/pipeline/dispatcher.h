// Collects requests of one graph and one set of shapes into batches and distributes them to the devices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "pipeline/engine.h"
#include "pipeline/request.h"

namespace pixmill::pipeline {

// A device takes when it is free, so a fast one takes more. A batch leaves when it has as many requests as the device
// wants, when no picture runs that could ask for more, or when it was passed over too often; of several the one with
// the oldest picture. So a batch never waits for a request that cannot come, a rare shape does not starve, and a slow
// decoder makes smaller batches instead of a waiting device. What a broken engine leaves goes to the others. Every
// request leaves once. Thread-safe.
class Dispatcher {
 public:
  struct Order {
    Engine* engine = nullptr;
    Batch batch;
  };

  struct Next {
    std::vector<Order> orders;     // to run now
    std::vector<Resume> ready;     // pictures that go on
    const Engine* lost = nullptr;  // told once for each engine that broke while another one runs its graph
  };

  // The engines must outlive it. Without any it holds what is asked for of a graph until start().
  explicit Dispatcher(const std::vector<Engine*>& engines);

  // Once for each graph, where it was made without engines: these run it.
  Next start(int graph, const std::vector<Engine*>& engines);

  // A picture begins, and ends; in between it asks. All answer what is to be done now.
  std::shared_ptr<Requester> begins();
  Next ends(Requester& requester);
  Next add(RequestPtr request);
  // The picture goes on, by `resume`, when the request is done; perhaps at once.
  Next await(Request& request, Resume resume);
  bool is_done(const Request& request) const;
  // Nobody wants its outputs any more.
  Next cancel(const RequestPtr& request);

  // After each order, with what the engine did and what it did not finish.
  Next ended(const Engine& engine, const Batch& finished, Batch unfinished);

 private:
  struct Lane {
    Engine* engine = nullptr;
    int in_flight = 0;
    bool lost = false;
  };
  struct Group {
    Batch waiting;           // of one graph and one set of shapes, the oldest picture first; never empty
    std::int64_t since = 0;  // dealt_ of the graph when a batch of it left last, or when it was new
  };

  void put(RequestPtr request);
  Next deal();
  void finish(Request& request, Next& next);
  bool is_started(int graph) const { return all_started_ || started_.contains(graph); }
  void look_for_lost(Next& next);
  void stops_asking(Requester& requester);
  bool may_leave(const Group& group, std::size_t wanted) const;
  std::optional<Batch> take(const Lane& lane);
  std::vector<Lane*> free_lanes();

  mutable std::mutex mutex_;           // guards all below
  bool all_started_ = false;           // every graph is
  std::set<int> started_;              // graphs whose engines have come
  bool some_unserved_ = false;         // a graph has none
  std::int64_t pictures_ = 0;          // begun so far
  std::size_t asking_ = 0;             // pictures that run and may ask
  std::vector<Group> groups_;          // none is empty
  std::map<int, std::int64_t> dealt_;  // requests handed out, by graph
  std::vector<Lane> lanes_;
};

}  // namespace pixmill::pipeline
