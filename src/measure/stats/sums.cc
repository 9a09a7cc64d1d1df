#include "measure/stats/sums.h"

#include <algorithm>
#include <cmath>

namespace pixmill::measure {
namespace {

// Of COCO, in pixels: https://cocodataset.org/#detection-eval
constexpr double kSmall = 32.0 * 32, kMedium = 96.0 * 96;

void count(ThingSizes& sizes, double area) {
  ++(area < kSmall ? sizes.small : area < kMedium ? sizes.medium : sizes.large);
}

double megapixels_of(Size size) {
  return size.width * 1e-6 * size.height;
}

// Round steps up to where most values are; the last one takes the few above.
Histogram histogram_of_most(std::vector<float>& values, int steps) {
  if (values.empty()) return {};
  constexpr double kMostOfThem = 0.95;
  const auto high = values.begin() + static_cast<std::ptrdiff_t>(kMostOfThem * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), high, values.end());
  const double wanted = std::max(1.0, static_cast<double>(*high)) / steps;
  const double power = std::pow(10, std::floor(std::log10(wanted)));
  double step = 10 * power;
  for (const double nice : {5.0, 2.0, 1.0}) {
    if (nice * power >= wanted) step = nice * power;
  }
  Histogram histogram = histogram_of(values, step, static_cast<int>(std::ceil(std::max(1.0, double(*high)) / step)));
  histogram.edges.back() = std::max<double>(histogram.edges.back(), *std::max_element(high, values.end()));
  return histogram;
}

}  // namespace

template <typename Value>
Spread spread_of(std::vector<Value>& values) {
  if (values.empty()) return {};
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  auto median = static_cast<double>(*middle);
  if (values.size() % 2 == 0) median = (median + static_cast<double>(*std::max_element(values.begin(), middle))) / 2;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {static_cast<std::int64_t>(values.size()), static_cast<double>(*least), median, static_cast<double>(*most)};
}

template Spread spread_of(std::vector<float>&);
template Spread spread_of(std::vector<std::int64_t>&);

Histogram histogram_of(std::span<const float> values, double step, int steps) {
  Histogram histogram;
  for (int i = 0; i <= steps; ++i) histogram.edges.push_back(i * step);
  histogram.counts.resize(static_cast<std::size_t>(steps));
  constexpr double kSlack = 1e-6;  // 0.35 in single precision is a little less, and begins its step all the same
  for (const float value : values) {
    const int bin = std::clamp(static_cast<int>(std::floor(value / step + kSlack)), 0, steps - 1);
    ++histogram.counts[static_cast<std::size_t>(bin)];
  }
  return histogram;
}

StatsSums::OfClass& StatsSums::of_label(int label) {
  const auto index = static_cast<std::size_t>(label);
  if (classes_.size() <= index) {
    classes_.resize(index + 1);
    last_seen_.resize(index + 1);
  }
  return classes_[index];
}

void StatsSums::add(const pipeline::Look& look, std::span<const tasks::RuleThing> things) {
  const Size size = look.picture;
  counts_.push_back(static_cast<std::int64_t>(things.size()));
  megapixels_.push_back(static_cast<float>(megapixels_of(size)));
  ++sizes_[{size.width, size.height}];
  ++(size.width > size.height ? stats_.landscape : size.width < size.height ? stats_.portrait : stats_.square);
  if (look.quality.sharpness >= 0) sharpnesses_.push_back(look.quality.sharpness);
  if (look.quality.brightness >= 0) brightnesses_.push_back(look.quality.brightness);
  for (const tasks::RuleThing& thing : things) {
    OfClass& one = of_label(thing.label);
    std::size_t& last = last_seen_[static_cast<std::size_t>(thing.label)];
    if (last != counts_.size()) ++one.pictures;
    last = counts_.size();
    one.confidences.push_back(thing.confidence);
    one.areas.push_back(static_cast<float>(thing.area / std::max(1.0, double(size.width) * size.height)));
    count(one.sizes, thing.area);
    count(stats_.sizes, thing.area);
    confidences_.push_back(thing.confidence);
  }
}

Stats StatsSums::take(const std::vector<std::string>& classes) {
  for (std::size_t label = 0; label < classes_.size(); ++label) {
    OfClass& one = classes_[label];
    if (one.confidences.empty()) continue;
    stats_.classes.push_back({classes[label], static_cast<std::int64_t>(one.confidences.size()), one.pictures,
                              spread_of(one.confidences).median, spread_of(one.areas).median, one.sizes});
    stats_.things += stats_.classes.back().things;
  }
  std::stable_sort(stats_.classes.begin(), stats_.classes.end(),
                   [](const ClassStats& a, const ClassStats& b) { return a.things > b.things; });
  for (const std::int64_t things : counts_) {
    const auto index = static_cast<std::size_t>(things);
    if (stats_.pictures_by_things.size() <= index) stats_.pictures_by_things.resize(index + 1);
    ++stats_.pictures_by_things[index];
    if (things > 0) ++stats_.with_things;
  }
  for (const auto& [size, pictures] : sizes_) stats_.picture_sizes.push_back({{size.first, size.second}, pictures});
  std::stable_sort(stats_.picture_sizes.begin(), stats_.picture_sizes.end(),
                   [](const SizeCount& a, const SizeCount& b) { return a.pictures > b.pictures; });
  constexpr int kSteps = 16;
  stats_.confidences = histogram_of(confidences_, 0.05, 20);
  stats_.brightnesses = histogram_of(brightnesses_, 256.0 / kSteps, kSteps);
  stats_.sharpnesses = histogram_of_most(sharpnesses_, kSteps);
  stats_.known = static_cast<std::int64_t>(counts_.size());
  stats_.things_a_picture = spread_of(counts_);
  stats_.megapixels = spread_of(megapixels_);
  stats_.sharpness = spread_of(sharpnesses_);
  stats_.brightness = spread_of(brightnesses_);
  return std::move(stats_);
}

}  // namespace pixmill::measure
