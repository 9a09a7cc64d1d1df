#include "runtime/steady.h"

#include <algorithm>
#include <cstddef>

namespace pixmill::runtime {
namespace {

constexpr std::size_t kFewestRounds = 4;
constexpr double kFarthest = 1.15;  // the two halves of the rounds may be apart by so much

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::optional<std::vector<double>> steady_times(const std::vector<std::vector<double>>& rounds) {
  if (rounds.size() < kFewestRounds || rounds.front().empty()) return std::nullopt;
  const std::size_t half = rounds.size() / 2;
  std::vector<double> first;
  for (const std::vector<double>& round : rounds) first.push_back(round.front());
  std::vector<double> times = {median(first)};
  for (std::size_t way = 1; way < rounds.front().size(); ++way) {
    std::vector<double> ratios;
    for (const std::vector<double>& round : rounds) ratios.push_back(round[way] / round.front());
    const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(half);
    const double early = median({ratios.begin(), middle}), late = median({middle, ratios.end()});
    if (std::max(early, late) > kFarthest * std::min(early, late)) return std::nullopt;
    times.push_back(times.front() * median(ratios));
  }
  return times;
}

}  // namespace pixmill::runtime
