// The pipeline of a job: pictures are decoded, run through their task and encoded while batches of their inferences
// run, all at once on one pool of threads.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "pipeline/commit.h"
#include "pipeline/engine.h"
#include "pipeline/item.h"
#include "pipeline/reporter.h"
#include "pipeline/workers.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// What the line works with. All must outlive it.
struct LineParts {
  const JobSpec& spec;
  const tasks::Task& task;
  std::vector<Engine*> engines;
  Budget& budget;
  Committer& committer;  // its `ended` must reach the reporter
  Reporter& reporter;
  ResultCache* results = nullptr;  // null: every inference is made
  // Where `engines` is empty: brings those of a graph, once, on a thread of the line's own, when the first picture
  // needs one; of several graphs perhaps at the same time. None: every picture that needs one is left. Must not throw.
  std::function<std::vector<Engine*>(int graph)> load = {};
  int threads_for_devices = 0;  // inferences at once on devices of their own, of those that `load` will bring
  bool plain_threads = plain_threads_wanted();  // a thread for each picture, see workers.h
};

// push() from one thread; the stages run on the line's own threads.
class Line {
 public:
  // `workers` threads, and one for each inference on a device of its own, which sleeps meanwhile.
  Line(const LineParts& parts, int workers);
  ~Line();

  void push(const ItemPtr& item);
  void load_now();  // all graphs; does not wait for a picture that needs the engines, nor for the engines
  void drain();     // returns when everything pushed has ended

 private:
  struct Pool;
  struct Graph;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<Graph> graph_;
};

}  // namespace pixmill::pipeline
