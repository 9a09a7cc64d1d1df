#include "tasks/restore/tile_plan.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "pixmill/core/error.h"

namespace pixmill::tasks {
namespace {

// Of the pixels that two tiles share, the middle quarter joins them: near its edges a tile knows least.
constexpr int kJoinedPart = 4;

int quotient_up(int value, int divisor) {
  return (value + divisor - 1) / divisor;
}

int multiple_up(int value, int divisor) {
  return quotient_up(value, divisor) * divisor;
}

// Where neighbours join: around the middle of what they share, and never two joints at once.
std::vector<Span> joints_of(const std::vector<int>& covered, int width) {
  std::vector<Span> joints;
  for (std::size_t i = 0; i + 1 < covered.size(); ++i) {
    const int shared = covered[i] + width - covered[i + 1];
    const int middle = covered[i + 1] + shared / 2;
    const int half = std::min(std::max(shared / (2 * kJoinedPart), 1), (covered[i + 1] - covered[i]) / 2);
    joints.push_back({middle - std::min(half, shared / 2), middle + std::min(half, shared - shared / 2)});
  }
  return joints;
}

TileAxis plan_axis(int length, int tile, const TileRules& rules) {
  const int multiple = std::max(rules.multiple, 1);
  if (!rules.fixed) tile = tile / multiple * multiple;
  const auto covered = [&](int side) { return (side - 2 * rules.margin) / multiple * multiple; };
  if (covered(tile) <= 0) {
    throw Error(ErrorCode::usage, "tiles of " + std::to_string(tile) + " pixels are too small for this model",
                "it needs " + std::to_string(2 * rules.margin + multiple) + " or more");
  }
  const int whole = multiple_up(length, multiple);  // the picture, continued by reflection to what the model can take
  TileAxis axis{.length = length, .tile = tile, .margin = rules.margin, .starts = {}, .joints = {}};
  int count = 1;
  if (covered(tile) < whole) {
    const int shared = std::min(multiple_up(rules.overlap, multiple), covered(tile) / 2 / multiple * multiple);
    count = quotient_up(whole - shared, covered(tile) - shared);
    if (!rules.fixed)
      axis.tile = multiple_up(quotient_up(whole + (count - 1) * shared, count), multiple) + 2 * rules.margin;
  } else if (!rules.fixed) {
    axis.tile = whole + 2 * rules.margin;
  }
  axis.tile = std::min(multiple_up(axis.tile, multiple), tile);
  const int width = covered(axis.tile);
  std::vector<int> places;
  for (int i = 0; i < count; ++i) {
    const std::int64_t even = count == 1 ? 0 : std::int64_t{whole - width} * i / (count - 1);
    places.push_back(static_cast<int>(even) / multiple * multiple);
    axis.starts.push_back(places.back() - rules.margin);
  }
  axis.joints = joints_of(places, width);
  return axis;
}

}  // namespace

Span TileAxis::part(std::size_t i) const {
  return {i == 0 ? 0 : joints[i - 1].from, i + 1 == tiles() ? length : std::min(joints[i].to, length)};
}

std::vector<float> TileAxis::weights(std::size_t i, int factor) const {
  const Span whole = part(i);
  std::vector<float> weights(static_cast<std::size_t>(whole.length()) * static_cast<std::size_t>(factor), 1.0F);
  const auto fade = [&](const Span& joint, bool in) {
    const int count = joint.length() * factor;
    for (int k = 0; k < count; ++k) {
      const int at = (joint.from - whole.from) * factor + k;
      if (at < 0 || at >= static_cast<int>(weights.size())) continue;
      const double rising = 0.5 - 0.5 * std::cos(std::numbers::pi * (k + 0.5) / count);
      weights[static_cast<std::size_t>(at)] = static_cast<float>(in ? rising : 1.0 - rising);
    }
  };
  if (i > 0) fade(joints[i - 1], true);
  if (i + 1 < tiles()) fade(joints[i], false);
  return weights;
}

double TilePlan::work() const {
  const double given = static_cast<double>(tiles()) * static_cast<double>(tile().area());
  return given / (static_cast<double>(columns.length) * rows.length);
}

TilePlan plan_tiles(Size picture, const TileRules& rules) {
  return {plan_axis(picture.width, rules.tile.width, rules), plan_axis(picture.height, rules.tile.height, rules)};
}

int reflected(int position, int length) {
  if (length == 1) return 0;
  const int period = 2 * (length - 1);
  const int at = ((position % period) + period) % period;
  return std::min(at, period - at);
}

}  // namespace pixmill::tasks
