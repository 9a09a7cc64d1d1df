#include "measure/verify/verdict.h"

#include <algorithm>
#include <cstdio>

#include "pixmill/core/text.h"

namespace pixmill::measure {
namespace {

std::string number(double value, std::string_view unit) {
  char text[32];
  std::snprintf(text, sizeof text, unit.empty() ? "%.4g" : "%.1f", value);
  return unit.empty() ? text : std::string(text) + " " + std::string(unit);
}

bool is_wrong(const Check& check) {
  return check.verdict == Verdict::differs || check.verdict == Verdict::broken;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::reference: return "reference";
    case Verdict::good: return "good";
    case Verdict::differs: return "differs";
    case Verdict::broken: return "broken";
    case Verdict::unable: return "unable";
  }
  return "";
}

bool Findings::good() const {
  return std::none_of(checks.begin(), checks.end(), [&](const Check& check) {
    const bool judged = !drawn || !check.reduced || check.verdict == Verdict::broken;
    return check.chosen && is_wrong(check) && judged;
  });
}

void Tally::add(const tasks::Agreement& agreement) {
  worst_score_ = pictures_ == 0 ? agreement.score : std::min(worst_score_, agreement.score);
  ++pictures_;
  finite_ = finite_ && agreement.difference.finite;
  max_error_ = std::max(max_error_, agreement.difference.max);
  error_sum_ += agreement.difference.mean;
  score_sum_ += agreement.score;
}

std::string beyond(const Tally& tally, const tasks::Comparison& tolerance) {
  const std::string name(tolerance.name);
  const auto low = [&](double value, double wanted, const char* where) {
    return name + " " + number(value, tolerance.unit) + where + ", at least " + number(wanted, tolerance.unit) +
           " is required";
  };
  if (tally.mean_score() < tolerance.mean_score) return low(tally.mean_score(), tolerance.mean_score, " on average");
  if (tally.worst_score() < tolerance.worst_score)
    return low(tally.worst_score(), tolerance.worst_score, " for one picture");
  if (tolerance.mean_error > 0 && tally.mean_error() > tolerance.mean_error) {
    return "mean error " + number(tally.mean_error(), {}) + ", at most " + number(tolerance.mean_error, {}) +
           " is required";
  }
  return {};
}

std::string beyond_truth(double reference, double got) {
  if (got >= reference - kTruthLoss) return {};
  return "IoU with the true masks " + number(got, {}) + " instead of " + number(reference, {}) + ", at most " +
         number(kTruthLoss, {}) + " may be lost";
}

void Sameness::add(std::span<const Tensor> outputs) {
  if (outputs.empty() || outputs.front().type() != ElementType::f32 || outputs.front().size() < 2) {
    flat_ = alike_ = false;
    return;
  }
  const std::span<const float> values = outputs.front().as<float>();
  flat_ = flat_ && std::all_of(values.begin(), values.end(), [&](float value) { return value == values[0]; });
  if (pictures_++ == 0) {
    first_.assign(values.begin(), values.end());
  } else {
    alike_ = alike_ && std::equal(values.begin(), values.end(), first_.begin(), first_.end());
  }
}

models::RuntimeSpec advise(const models::RuntimeSpec& card, bool file_takes_batches, std::span<const Check> checks) {
  models::RuntimeSpec advised = card;
  if (file_takes_batches) {
    const auto in_batches = [](const Check& check) { return check.batch > 1 && !check.reduced; };
    const bool tried = std::any_of(checks.begin(), checks.end(), in_batches);
    const bool harmed = std::any_of(checks.begin(), checks.end(), [&](const Check& check) {
      return in_batches(check) && (check.companions || check.verdict == Verdict::broken);
    });
    if (tried) advised.batch = harmed ? 1 : 0;
  }
  for (const Check& check : checks) {
    if (check.batch == 1 && !check.reduced && is_wrong(check) && !contains(advised.deny, check.backend) &&
        !contains(advised.deny, check.device)) {
      advised.deny.push_back(check.device == "cpu" ? check.backend : check.device);
    }
  }
  for (const runtime::Precision precision :
       {runtime::Precision::bf16, runtime::Precision::fp16, runtime::Precision::int8}) {
    const std::string name(runtime::name_of(precision));
    const auto counts = [&](const Check& check) {
      return check.reduced && check.precision == precision && check.verdict != Verdict::unable &&
             (check.batch == 1 || advised.batch == 0) && !contains(advised.deny, check.backend);
    };
    if (std::none_of(checks.begin(), checks.end(), counts)) continue;
    std::erase(advised.precision, name);
    if (std::none_of(checks.begin(), checks.end(), [&](const Check& c) { return counts(c) && is_wrong(c); })) {
      advised.precision.push_back(name);
    }
  }
  std::sort(advised.precision.begin(), advised.precision.end());
  return advised;
}

}  // namespace pixmill::measure
