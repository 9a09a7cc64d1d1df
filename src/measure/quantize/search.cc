#include "measure/quantize/search.h"

#include <algorithm>
#include <tuple>

namespace pixmill::measure {

std::vector<QuantizeTrial> try_one(int in_float, const SearchLimits& limits, const LossOf& loss_of) {
  const int count = std::min(in_float, limits.layers);
  const double loss = loss_of(count);
  return {{count, loss, loss <= limits.tolerance}};
}

std::vector<QuantizeTrial> search_layers(const SearchLimits& limits, const LossOf& loss_of) {
  std::vector<QuantizeTrial> trials;
  const auto good = [&](int in_float) {
    trials.push_back(try_one(in_float, limits, loss_of).front());
    return trials.back().good;
  };
  int bad = -1, enough = 0;
  while (!good(enough)) {
    bad = enough;
    enough = std::max(1, 2 * enough);
    if (enough > limits.layers / 2) return trials;
  }
  while (enough - bad > 1) {
    const int middle = bad + (enough - bad) / 2;
    (good(middle) ? enough : bad) = middle;
  }
  return trials;
}

std::size_t best_trial(const std::vector<QuantizeTrial>& trials) {
  const auto rank = [](const QuantizeTrial& trial) {
    return std::tuple(!trial.good, trial.good ? trial.in_float : trial.loss);
  };
  const auto best =
      std::min_element(trials.begin(), trials.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return static_cast<std::size_t>(best - trials.begin());
}

}  // namespace pixmill::measure
