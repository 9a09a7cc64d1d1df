// Whether repeated measurements agree with one another.
#pragma once

#include <optional>
#include <vector>

namespace pixmill::runtime {

// `rounds`: milliseconds of every way, measured in turns: rounds[round][way]. Answers the milliseconds of each way: the
// median of the first one, and for the others that times the median of their ratios to the first one of the
// same round, so that a machine that is slow for a while slows all alike. Nothing where fewer than four rounds are
// there, or where a way's ratio in the first half of the rounds and in the second half are further apart than 15 %.
std::optional<std::vector<double>> steady_times(const std::vector<std::vector<double>>& rounds);

}  // namespace pixmill::runtime
