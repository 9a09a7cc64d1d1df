// The stages of the pipeline: a picture from its file to its results, and a batch of inferences.
#pragma once

#include <memory>
#include <vector>

#include "pipeline/engine.h"
#include "pipeline/item.h"
#include "pipeline/line.h"
#include "pipeline/picture_context.h"
#include "pipeline/request.h"
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// Thread-safe: the stages share nothing but the parts, which are.
class Stages {
 public:
  explicit Stages(const LineParts& parts);

  // Decode, the task, encode, write. A failure is stored in the item, never thrown. The item ends in the reporter: now
  // where it failed, else when it is committed; not at all where it is left.
  void make(const ItemPtr& item, const std::shared_ptr<Requester>& requester, RequestQueue& queue) const;

  // Runs requests of one graph and one set of shapes. Returns those that the engine did not finish, as they were; the
  // others have their outputs or an error.
  Batch infer(Engine& engine, const Batch& requests) const;

 private:
  Made made_of(Item& item, const std::shared_ptr<Requester>& requester, RequestQueue& queue) const;
  void check_result_size(const Item& item) const;
  Batch not_known(const Batch& requests) const;

  LineParts parts_;
  std::vector<tasks::Graph> graphs_;
  std::vector<tasks::Product> products_;
};

}  // namespace pixmill::pipeline
