// What the catalogue knows of many pictures, as figures. Nothing is looked at: no model, no picture.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/pipeline/event.h"
#include "pixmill/pipeline/known_things.h"

namespace pixmill::measure {

// Counts of numbers: `counts[i]` are those from `edges[i]` to below `edges[i + 1]`; the last edge belongs to the last.
struct Histogram {
  std::vector<double> edges;
  std::vector<std::int64_t> counts;
};

struct Spread {
  std::int64_t count = 0;  // 0: the others say nothing
  double least = 0, median = 0, most = 0;
};

// As COCO divides things: by 32 x 32 and 96 x 96 pixels of area.
struct ThingSizes {
  std::int64_t small = 0, medium = 0, large = 0;
};

struct ClassStats {
  std::string name;
  std::int64_t things = 0;
  std::int64_t pictures = 0;     // that have one
  double median_confidence = 0;  // 0..1
  double median_area = 0;        // of the picture's area, 0..1
  ThingSizes sizes = {};
};

struct SizeCount {
  Size size;
  std::int64_t pictures = 0;
};

struct Stats {
  float confidence = 0;           // weaker things are left out
  std::vector<std::string> only;  // classes that were asked for; empty: all
  std::int64_t pictures = 0;      // that were found
  std::int64_t known = 0;         // and looked at, as they are now: all that follows is of these
  std::int64_t with_things = 0;
  std::int64_t things = 0;
  std::vector<ClassStats> classes;  // of the most things first
  ThingSizes sizes;
  Spread things_a_picture;
  std::vector<std::int64_t> pictures_by_things;  // pictures with 0, 1, 2, ... things
  Spread megapixels;
  std::vector<SizeCount> picture_sizes;  // the most frequent first
  std::int64_t landscape = 0, portrait = 0, square = 0;
  Spread sharpness, brightness;  // of pictures where they were measured
  Histogram confidences, sharpnesses, brightnesses;
  std::vector<pipeline::Failed> failed;  // inputs that are not there
  std::vector<std::string> warnings;     // of the catalogue
};

// Throws Error: usage for a class that no picture has, and what the catalogue throws.
Stats collect_stats(const pipeline::KnownQuestion& question);

// docs/stats.md describes them.
std::string stats_json(const Stats& stats);
inline constexpr std::string_view kStatsColumns =
    "class,things,pictures,median_confidence,median_area,small,medium,large";
std::string stats_csv(const Stats& stats);  // a row for each class

}  // namespace pixmill::measure
