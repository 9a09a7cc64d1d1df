// Batches: several tensors of one shape in one.
#pragma once

#include <cstddef>
#include <vector>

#include "pixmill/core/tensor.h"

namespace pixmill {

// Tensors of batch 1 and one shape, joined along the first dimension; `padded_to` > parts.size() adds zeros.
Tensor join(const std::vector<const Tensor*>& parts, std::size_t padded_to);

// The first `count` slices of a batch, each with first dimension 1. Throws Error{bad_model} where it has fewer.
std::vector<Tensor> split(const Tensor& batch, std::size_t count);

}  // namespace pixmill
