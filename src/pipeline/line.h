// The assembly line of a job: decode, preprocess, batch, infer, postprocess, encode, write, all at once on one pool of
// threads.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "pipeline/engine.h"
#include "pipeline/item.h"
#include "pipeline/journal.h"
#include "pipeline/reporter.h"
#include "pipeline/writer.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// What the line works with. All must outlive it.
struct LineParts {
  const JobSpec& spec;
  const tasks::Task& task;
  std::vector<Engine*> engines;
  Budget& budget;
  Writer& writer;
  Journal& journal;
  Reporter& reporter;
  std::atomic<bool>& disk_full;    // set when an output met a full disk: going on would only burn time
  ResultCache* results = nullptr;  // null: every inference is made
};

// push() from one thread; the stages run on the line's own threads.
class Line {
 public:
  // `workers` threads, and one for each inference on a device of its own, which sleeps meanwhile.
  Line(const LineParts& parts, int workers);
  ~Line();

  void push(const ItemPtr& item);
  void drain();  // returns when everything pushed has ended

 private:
  struct Pool;
  struct Graph;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<Graph> graph_;
};

}  // namespace pixmill::pipeline
