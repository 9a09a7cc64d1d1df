#include "pixmill/measure/stats.h"

#include "measure/stats/sums.h"

namespace pixmill::measure {

Stats collect_stats(const pipeline::KnownQuestion& question) {
  StatsSums sums;
  pipeline::KnownThings told = pipeline::each_known(
      question, [&](const pipeline::Look& look, std::span<const tasks::RuleThing> things) { sums.add(look, things); });
  Stats stats = sums.take(told.classes);
  stats.confidence = question.confidence;
  stats.only = question.classes;
  stats.pictures = told.pictures;
  stats.failed = std::move(told.failed);
  stats.warnings = std::move(told.warnings);
  return stats;
}

}  // namespace pixmill::measure
