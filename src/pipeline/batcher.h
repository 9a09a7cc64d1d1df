// Gathers prepared pictures of one shape into batches.
#pragma once

#include <cstddef>
#include <vector>

#include "pipeline/item.h"

namespace pixmill::pipeline {

using Batch = std::vector<ItemPtr>;

// A batch leaves when it is full, or when nothing more is on its way (`upstream` is 0): so it never waits for a picture
// that cannot come, and a slow decoder makes smaller batches instead of a waiting device. Not synchronised.
class Batcher {
 public:
  explicit Batcher(std::size_t size) : size_(size) {}

  // Takes an item (failed ones pass, alone) and answers the batches that are ready.
  std::vector<Batch> add(ItemPtr item, std::size_t upstream) {
    std::vector<Batch> ready;
    if (item->failure) {
      ready.push_back({std::move(item)});
    } else {
      Batch& batch = waiting_for(item->input_tensor.shape());
      batch.push_back(std::move(item));
      if (batch.size() >= size_) ready.push_back(std::exchange(batch, {}));
    }
    if (upstream == 0) {
      for (Batch& batch : waiting_) {
        if (!batch.empty()) ready.push_back(std::exchange(batch, {}));
      }
      waiting_.clear();
    }
    return ready;
  }

 private:
  Batch& waiting_for(const std::vector<std::int64_t>& shape) {
    for (Batch& batch : waiting_) {
      if (batch.empty() || batch.front()->input_tensor.shape() == shape) return batch;
    }
    return waiting_.emplace_back();
  }

  std::size_t size_;
  std::vector<Batch> waiting_;  // one per shape
};

// Tensors of batch 1 and one shape, joined along the first dimension; `padded_to` > tensors.size() adds zeros.
Tensor join(const std::vector<const Tensor*>& parts, std::size_t padded_to);

// The first `count` slices of a batch, each with first dimension 1.
std::vector<Tensor> split(const Tensor& batch, std::size_t count);

}  // namespace pixmill::pipeline
