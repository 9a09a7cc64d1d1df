// How many of the layers with the largest error have to stay in float.
#pragma once

#include <functional>
#include <vector>

#include "pixmill/measure/quantize.h"

namespace pixmill::measure {

struct SearchLimits {
  int layers = 0;          // that there are
  double tolerance = 0.0;  // of the loss
};

// `loss_of` returns the loss of the model with so many of the worst layers in float.
using LossOf = std::function<double(int in_float)>;

// 0, then 1, 2, 4, ... until the loss is within the tolerance, then between the last two; gives up at half of the
// layers, where little is left to gain. Returns every trial, in order.
std::vector<QuantizeTrial> search_layers(const SearchLimits& limits, const LossOf& loss_of);

// That number alone, at most all layers.
std::vector<QuantizeTrial> try_one(int in_float, const SearchLimits& limits, const LossOf& loss_of);

// The good one with the fewest layers in float; where none is good, the one that loses least.
std::size_t best_trial(const std::vector<QuantizeTrial>& trials);

}  // namespace pixmill::measure
