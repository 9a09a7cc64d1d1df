// An inference that a picture asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/core/tensor.h"
#include "pixmill/pipeline/result_cache.h"
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// Lets a suspended picture go on. Called once, from any thread; does not wait.
using Resume = std::function<void()>;

// A picture as the dispatcher sees it.
struct Requester {
  std::int64_t number = 0;  // in the order of the job
  // The dispatcher's.
  bool may_ask = true;     // runs, and may ask for another inference before it waits or ends
  bool asked_all = false;  // is not expected to
};

struct Request {
  std::shared_ptr<Requester> requester;
  int graph = 0;
  tasks::Tensors inputs;                          // given away when it is done
  bool on_cpu = false;                            // and on no device of the job
  bool last = false;                              // the picture is not expected to ask for more
  tasks::Keep keep = tasks::Keep::where_it_pays;  // of its graph

  // Written by whoever serves it, read when it is done.
  ResultCache::Key cache_key;  // of outputs that the cache does not have
  std::vector<Tensor> outputs;
  std::optional<Error> error;
  double ms = 0.0;    // its share of the inference
  bool left = false;  // no device is left that runs the graph

  // The dispatcher's.
  bool done = false;
  Resume resume;  // of the picture that waits for it
};

using RequestPtr = std::shared_ptr<Request>;
using Batch = std::vector<RequestPtr>;

}  // namespace pixmill::pipeline
