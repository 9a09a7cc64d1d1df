// What the measurements of parts share.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "pixmill/measure/parts.h"

namespace pixmill::measure {

inline constexpr int kLeastRuns = 3;

// Runs `work` for so long, at least kLeastRuns times, after one run that does not count.
template <typename Work>
PartRow timed(const PartInput& input, std::string name, double items, std::string item, Work work) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> ms;
  work();
  const auto begin = Clock::now();
  while (!input.stop && (static_cast<int>(ms.size()) < kLeastRuns ||
                         std::chrono::duration<double>(Clock::now() - begin).count() < input.seconds)) {
    const auto start = Clock::now();
    work();
    ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  return {std::move(name), statistics(std::move(ms)), items, std::move(item)};
}

// `row` beside the row `other`, for the same work.
inline PartRow beside(PartRow row, const PartRow& other) {
  row.beside = other.name;
  if (row.ms.median > 0) row.times_faster = other.ms.median / row.ms.median;
  return row;
}

std::vector<PartRow> measure_nms(const PartInput& input);
std::vector<PartRow> measure_preprocess(const PartInput& input);
std::vector<PartRow> measure_io(const PartInput& input);
std::vector<PartRow> measure_cache(const PartInput& input);

}  // namespace pixmill::measure
