#include "tasks/restore/tile_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tasks/restore/tiles.h"

namespace pixmill::tasks {
namespace {

constexpr int kLargestSide = 4096;  // that is ever tried
// A pixel cut out and brought into the model's form, and one of the result checked and blended: measured on one core.
constexpr double kSecondsGiven = 20e-9, kSecondsMade = 6e-9;
constexpr double kWorthItsMemory = 1.04;  // of two plans that differ less, the one of smaller tiles
constexpr std::int64_t kHeldPart = 2;     // of the memory of an inference that the work beside it may take
constexpr std::int64_t kBytesAhead = std::int64_t{32} << 20;  // of tensors of tiles that were asked for
constexpr std::int64_t kLeastAhead = 3;
constexpr std::int64_t kPixelBytes = 3 * sizeof(float);  // in a tensor, and in the result until its row is final

std::int64_t area_of(const models::TileCost& cost) {
  return std::int64_t{cost.side} * cost.side;
}

double seconds_a_pixel(const models::TileCost& cost) {
  return cost.seconds / static_cast<double>(area_of(cost));
}

// Of one pixel in a tile of that area, between the measured ones; beyond them as in the nearest one.
double seconds_a_pixel(const models::TileCosts& costs, std::int64_t area) {
  const auto above = std::find_if(costs.measured.begin(), costs.measured.end(),
                                  [&](const models::TileCost& cost) { return area_of(cost) >= area; });
  if (above == costs.measured.begin()) return seconds_a_pixel(*above);
  const models::TileCost& below = *(above - 1);
  if (above == costs.measured.end()) return seconds_a_pixel(below);
  const double share = std::log(static_cast<double>(area) / static_cast<double>(area_of(below))) /
                       std::log(static_cast<double>(area_of(*above)) / static_cast<double>(area_of(below)));
  return seconds_a_pixel(below) + share * (seconds_a_pixel(*above) - seconds_a_pixel(below));
}

std::int64_t tensor_bytes(Size tile, int factor, bool turned) {
  return tile.area() * kPixelBytes * (1 + std::int64_t{factor} * factor) * (turned ? kTurns : 1);
}

// With `ahead` tiles ahead.
std::int64_t bytes_held(const TilePlan& plan, std::int64_t ahead, int factor, bool turned) {
  const std::int64_t row = std::int64_t{plan.columns.length} * factor * plan.rows.tile * factor * kPixelBytes;
  return row + std::min(ahead, static_cast<std::int64_t>(plan.tiles())) * tensor_bytes(plan.tile(), factor, turned);
}

// Of a tile with what is done to it beside the inference.
double seconds_of_tile(const models::TileCosts& costs, Size tile, int factor) {
  const double own = kSecondsGiven + kSecondsMade * factor * factor;
  return static_cast<double>(tile.area()) * (seconds_a_pixel(costs, tile.area()) + own);
}

// From the smallest measured side on, doubled; the last one covers the picture.
std::vector<int> sides_for(int length, const TileRules& rules, int smallest) {
  std::vector<int> sides;
  const int multiple = std::max(rules.multiple, 1);
  const int whole = (length + multiple - 1) / multiple * multiple + 2 * rules.margin;
  int side = (std::max(smallest, 2 * (rules.overlap + rules.margin)) + multiple - 1) / multiple * multiple;
  for (; side < std::min(whole, kLargestSide); side += side / 2 / multiple * multiple) {
    sides.push_back(side);
    if (side / 2 < multiple) break;
  }
  if (whole <= kLargestSide) sides.push_back((whole + multiple - 1) / multiple * multiple);
  return sides;
}

// A size of tiles, and the plan that it makes.
struct Tried {
  Size tile;
  double seconds = 0.0;    // of the picture
  std::int64_t area = 0;   // of the plan's tile
  std::int64_t bytes = 0;  // of an inference; 0: not known
  std::int64_t held = 0;   // beside it, at least
};

Tried try_tile(Size picture, TileRules rules, const models::TileCosts& costs, int factor, bool turned, Size tile) {
  rules.tile = tile;
  const TilePlan plan = plan_tiles(picture, rules);
  const auto at_once = static_cast<std::size_t>(std::max(costs.side_by_side, 1));
  const std::size_t rounds = (plan.tiles() + at_once - 1) / at_once;
  return {tile, static_cast<double>(rounds) * seconds_of_tile(costs, plan.tile(), factor), plan.tile().area(),
          tile_bytes(costs, plan.tile()), bytes_held(plan, kLeastAhead, factor, turned)};
}

}  // namespace

std::int64_t tile_bytes(const models::TileCosts& costs, Size tile) {
  if (costs.measured.empty()) return 0;
  const models::TileCost& first = costs.measured.front();
  const models::TileCost& last = costs.measured.back();
  if (last.bytes == 0) return 0;
  // What does not grow with the tile (weights, and what the runtime keeps) is in both.
  const double by_growth = static_cast<double>(last.bytes - first.bytes) /
                           static_cast<double>(std::max<std::int64_t>(area_of(last) - area_of(first), 1));
  const double by_last = static_cast<double>(last.bytes) / static_cast<double>(area_of(last));
  const double each = costs.measured.size() > 1 && by_growth > 0.0 ? std::min(by_growth, by_last) : by_last;
  return static_cast<std::int64_t>(each * static_cast<double>(tile.area()));
}

std::size_t tiles_ahead(Size tile, int factor, bool turned) {
  const std::int64_t bytes = std::max<std::int64_t>(tensor_bytes(tile, factor, turned), 1);
  return static_cast<std::size_t>(std::max(kBytesAhead / bytes, kLeastAhead));
}

std::int64_t bytes_held(const TilePlan& plan, int factor, bool turned) {
  return bytes_held(plan, static_cast<std::int64_t>(tiles_ahead(plan.tile(), factor, turned)), factor, turned);
}

Size choose_tile(Size picture, const TileRules& rules, const models::TileCosts& costs, int factor, bool turned) {
  if (rules.fixed || costs.measured.empty()) return rules.tile;
  const int smallest = costs.measured.front().side;
  const std::int64_t largest_measured = area_of(costs.measured.back());
  std::vector<Tried> all;
  std::int64_t least_memory = std::numeric_limits<std::int64_t>::max();
  Size smallest_tile = rules.tile;  // where nothing fits
  for (const int width : sides_for(picture.width, rules, smallest)) {
    for (const int height : sides_for(picture.height, rules, smallest)) {
      const Tried tried = try_tile(picture, rules, costs, factor, turned, {width, height});
      if (tried.bytes + tried.held < least_memory) {
        least_memory = tried.bytes + tried.held;
        smallest_tile = tried.tile;
      }
      const bool fits = tried.bytes > 0 ? tried.bytes <= costs.memory : tried.area <= largest_measured;
      if (fits && tried.held <= costs.memory / kHeldPart) all.push_back(tried);
    }
  }
  if (all.empty()) return smallest_tile;
  const double least = std::min_element(all.begin(), all.end(), [](const Tried& a, const Tried& b) {
                         return a.seconds < b.seconds;
                       })->seconds;
  std::erase_if(all, [&](const Tried& one) { return one.seconds > least * kWorthItsMemory; });
  return std::min_element(all.begin(), all.end(), [](const Tried& a, const Tried& b) { return a.area < b.area; })->tile;
}

}  // namespace pixmill::tasks
