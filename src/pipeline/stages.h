// The stages of the pipeline for one item. Failures are stored in the item, never thrown.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "pipeline/engine.h"
#include "pipeline/item.h"
#include "pipeline/line.h"
#include "pixmill/core/tensor_batch.h"

namespace pixmill::pipeline {

// Thread-safe: the stages share nothing but the parts, which are.
class Stages {
 public:
  explicit Stages(const LineParts& parts);

  void decode_and_preprocess(Item& item) const;  // without an input tensor after that, no inference is needed
  // Items with a preprocessed input. Returns those that the engine did not finish, as they were.
  Batch infer(Engine& engine, const Batch& items) const;
  // The item ends in the reporter, now where it failed before, else when it is committed.
  void postprocess_and_write(const ItemPtr& item) const;

 private:
  void look_up(Item& item) const;
  Batch not_known(const Batch& items) const;
  void keep(Item& item) const;

  LineParts parts_;
  std::vector<int> wanted_outputs_;
};

}  // namespace pixmill::pipeline
