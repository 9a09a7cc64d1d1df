// Sums over pictures, one picture at a time.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "pixmill/measure/stats.h"

namespace pixmill::measure {

class StatsSums {
 public:
  void add(const pipeline::Look& look, std::span<const tasks::RuleThing> things);

  // All but what the sums do not know: the question and the pictures that are not known. `classes`: what labels mean.
  Stats take(const std::vector<std::string>& classes);

 private:
  struct OfClass {
    std::int64_t pictures = 0;
    std::vector<float> confidences, areas;  // areas: of the picture's
    ThingSizes sizes;
  };

  OfClass& of_label(int label);

  Stats stats_;
  std::vector<OfClass> classes_;
  std::vector<std::size_t> last_seen_;  // by label: the number of the picture that had it last
  std::vector<float> megapixels_, sharpnesses_, brightnesses_, confidences_;
  std::vector<std::int64_t> counts_;
  std::map<std::pair<int, int>, std::int64_t> sizes_;
};

// Of equal steps from 0.
Histogram histogram_of(std::span<const float> values, double step, int steps);

// Least, median (of an even number the mean of the two in the middle) and most. Reorders the values.
template <typename Value>
Spread spread_of(std::vector<Value>& values);

}  // namespace pixmill::measure
