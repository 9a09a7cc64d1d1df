// Computes the figures of a bench from its runs, and its verdict.
#include <algorithm>
#include <cmath>

#include "pixmill/core/format_text.h"
#include "pixmill/measure/bench.h"

namespace pixmill::measure {
namespace {

constexpr int kQuantiles = 20;         // steps of 5 %
constexpr double kAtItsLimit = 1.1;    // bare : end to end, below which nothing is left to win around the model
constexpr double kTellingShare = 0.1;  // of the time of a picture, from which a stage is named
constexpr double kSlower = 0.97;       // of the first contender's rate

double median(std::vector<double> values) {
  return statistics(std::move(values)).median;
}

template <typename Value>
std::vector<double> of_runs(const ContenderResult& result, Value&& value) {
  std::vector<double> values;
  for (const BenchRun& run : result.runs) values.push_back(static_cast<double>(value(run)));
  return values;
}

// Runs of one round, made within a short time of each other.
double ratio_in_rounds(const ContenderResult& a, const ContenderResult& b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(a.runs.size(), b.runs.size()); ++i) {
    if (b.runs[i].rate() > 0) ratios.push_back(a.runs[i].rate() / b.runs[i].rate());
  }
  return median(std::move(ratios));
}

std::vector<double> quantiles(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  std::vector<double> found;
  for (int i = 0; i <= kQuantiles; ++i) {
    const double place = static_cast<double>(values.size() - 1) * i / kQuantiles;
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    found.push_back(values[below] + (values[above] - values[below]) * (place - std::floor(place)));
  }
  return found;
}

std::vector<const ContenderResult*> ran(const Bench& bench) {
  std::vector<const ContenderResult*> all;
  for (const ContenderResult& result : bench.contenders) {
    if (!result.runs.empty()) all.push_back(&result);
  }
  return all;
}

// "infer takes 64 % of the computing time, encode 21 %"
std::string where_time_goes(const BenchSummary& summary) {
  const double all = summary.latency_ms.mean;
  std::vector<std::size_t> stages(pipeline::kStages);
  for (std::size_t i = 0; i < stages.size(); ++i) stages[i] = i;
  std::sort(stages.begin(), stages.end(),
            [&](std::size_t a, std::size_t b) { return summary.stages_ms[a].mean > summary.stages_ms[b].mean; });
  std::string text;
  for (const std::size_t stage : stages) {
    const double share = summary.stages_ms[stage].mean / all;
    if (share < kTellingShare) break;
    const std::string name(name_of(static_cast<pipeline::Stage>(stage)));
    text += text.empty() ? name + format_text(" takes %.0f %% of the computing time", 100 * share)
                         : ", " + name + format_text(" %.0f %%", 100 * share);
  }
  return text;
}

void add_limit(const ContenderResult& result, const BenchSummary& summary, std::vector<std::string>& sentences) {
  const std::string& name = result.contender.name;
  if (summary.bare_ratio <= 0) {
    const std::string& note = result.runs.front().bare_note;
    if (!note.empty()) sentences.push_back(name + ": the bare model could not be measured: " + note + ".");
    return;
  }
  std::string text = format_text("%s: the limit is the bare model, %.1f img/s; end to end takes ", name.c_str(),
                                 summary.bare_rate.median) +
                     (summary.bare_ratio < 1 ? "no longer" : format_text("%.2f x as long", summary.bare_ratio));
  const std::string where = where_time_goes(summary);
  if (summary.bare_ratio <= kAtItsLimit) {
    text += ": only a faster model or machine would help";
  } else if (!where.empty()) {
    text += "; " + where;
  }
  sentences.push_back(text + ".");
}

// Whether runs of the one were as fast as runs of the other.
bool overlap(const Statistics& a, const Statistics& b) {
  return a.count > 1 && b.count > 1 && a.min <= b.max && b.min <= a.max;
}

void add_order(const std::vector<const ContenderResult*>& all, std::vector<std::string>& sentences) {
  const auto rate = [](const ContenderResult* result) {
    return statistics(of_runs(*result, [](const BenchRun& run) { return run.rate(); }));
  };
  const auto* best =
      *std::max_element(all.begin(), all.end(), [&](auto* a, auto* b) { return rate(a).median < rate(b).median; });
  std::string text = format_text("%s is the fastest, %.1f img/s", best->contender.name.c_str(), rate(best).median);
  if (best != all.front()) {
    text += format_text(": %.2f x %s", ratio_in_rounds(*best, *all.front()), all.front()->contender.name.c_str());
  }
  std::string as_quick;
  for (const ContenderResult* result : all) {
    if (result != best && overlap(rate(result), rate(best)))
      as_quick += (as_quick.empty() ? "" : ", ") + result->contender.name;
  }
  sentences.push_back(text + (as_quick.empty() ? "." : "; as fast within the noise: " + as_quick + "."));
  std::string slower;
  for (const ContenderResult* result : all) {
    const double ratio = ratio_in_rounds(*result, *all.front());
    if (ratio > 0 && ratio < kSlower)
      slower += (slower.empty() ? "" : ", ") + result->contender.name + format_text(" (%.2f x)", ratio);
  }
  if (!slower.empty()) sentences.push_back("Slower than " + all.front()->contender.name + ": " + slower + ".");
}

}  // namespace

BenchSummary summarise(const ContenderResult& result, const ContenderResult& first) {
  BenchSummary summary;
  summary.rate = statistics(of_runs(result, [](const BenchRun& run) { return run.rate(); }));
  summary.cold_s = statistics(of_runs(result, [](const BenchRun& run) { return run.cold_s; }));
  std::vector<double> bare, bare_ratios, latencies;
  std::array<std::vector<double>, pipeline::kStages> stages;
  for (const BenchRun& run : result.runs) {
    if (run.bare_rate > 0 && run.rate() > 0) {
      bare.push_back(run.bare_rate);
      bare_ratios.push_back(run.bare_rate / run.rate());
    }
    for (const BenchPicture& picture : run.pictures) {
      latencies.push_back(picture.total_ms());
      for (std::size_t i = 0; i < stages.size(); ++i) stages[i].push_back(picture.times[i]);
    }
  }
  summary.bare_rate = statistics(std::move(bare));
  summary.bare_ratio = median(std::move(bare_ratios));
  summary.first_ratio = ratio_in_rounds(result, first);
  summary.quantiles_ms = quantiles(latencies);
  summary.latency_ms = statistics(std::move(latencies));
  for (std::size_t i = 0; i < stages.size(); ++i) summary.stages_ms[i] = statistics(std::move(stages[i]));
  const auto bytes = [&](std::int64_t BenchRun::*member) {
    return static_cast<std::int64_t>(median(of_runs(result, [&](const BenchRun& run) { return run.*member; })));
  };
  summary.memory_before = bytes(&BenchRun::memory_before);
  summary.memory_after = bytes(&BenchRun::memory_after);
  summary.memory_peak = bytes(&BenchRun::memory_peak);
  return summary;
}

std::vector<std::string> verdict(const Bench& bench) {
  const std::vector<const ContenderResult*> all = ran(bench);
  if (!bench.anything()) return {"Nothing was measured."};
  std::vector<std::string> sentences;
  if (all.size() > 1) add_order(all, sentences);
  for (const ContenderResult* result : all) add_limit(*result, summarise(*result, *all.front()), sentences);
  for (const ContenderResult* result : all) {
    const std::int64_t failed = result->runs.front().failed;
    if (failed > 0) {
      sentences.push_back(format_text("%s: %lld pictures failed and are not counted.", result->contender.name.c_str(),
                                      static_cast<long long>(failed)));
    }
  }
  if (bench.interrupted) sentences.emplace_back("Interrupted: the figures come from fewer runs than requested.");
  return sentences;
}

}  // namespace pixmill::measure
