// Batches: several pictures of one shape in one tensor.
#pragma once

#include <cstddef>
#include <vector>

#include "pipeline/item.h"

namespace pixmill::pipeline {

using Batch = std::vector<ItemPtr>;

// Tensors of batch 1 and one shape, joined along the first dimension; `padded_to` > tensors.size() adds zeros.
Tensor join(const std::vector<const Tensor*>& parts, std::size_t padded_to);

// The first `count` slices of a batch, each with first dimension 1.
std::vector<Tensor> split(const Tensor& batch, std::size_t count);

}  // namespace pixmill::pipeline
