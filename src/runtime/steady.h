// Whether repeated measurements are consistent.
#pragma once

#include <optional>
#include <vector>

namespace pixmill::runtime {

// `rounds`: milliseconds of every way, measured in turns: rounds[round][way]. Returns the least time of each way: what
// disturbs a measurement only ever makes it longer. Nothing where fewer than four rounds are there, or where the ratio
// of a way to the first one is not the same, within 15 %, in the first half of the rounds and in the second; a machine
// that is slow for a while slows all alike.
std::optional<std::vector<double>> steady_times(const std::vector<std::vector<double>>& rounds);

// Milliseconds of processor time of this process so far, all of its threads: other programs hardly change it.
double processor_ms();

}  // namespace pixmill::runtime
