// YOLO's instance masks: a box's coefficients weigh the prototypes, maps that lie over the model's input. The sum is
// enlarged to the picture inside the box and cut at 0 (YOLOv5: at a half, after a sigmoid, as its own code does).
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "pixmill/core/weighted_sum.h"
#include "tasks/detect/decoders.h"
#include "tasks/detections/finding.h"
#include "tasks/segment/decoders.h"
#include "tasks/segment/enlarged.h"

namespace pixmill::tasks {
namespace {

// A box, the pixels whose corner is in it, and the part of the prototypes that they need.
struct Thing {
  Box box;
  Rect window;
  std::vector<float> weights = {};  // of the prototypes
  Map map = {};
};

struct Prototypes {
  const float* values;
  int count, height, width;

  std::size_t plane() const { return static_cast<std::size_t>(height) * static_cast<std::size_t>(width); }
};

Prototypes prototypes_of(const Seen& seen) {
  require_readable(seen.card, seen.outputs.size() >= 2 && seen.outputs[1].type() == ElementType::f32);
  const std::vector<std::int64_t>& shape = seen.outputs[1].shape();
  constexpr std::int64_t kMost = 1 << 14;  // in each direction
  require_readable(seen.card,
                   shape.size() == 4 && shape[0] == 1 &&
                       std::all_of(shape.begin(), shape.end(), [](std::int64_t n) { return n >= 1 && n <= kMost; }));
  return {seen.outputs[1].as<float>().data(), static_cast<int>(shape[1]), static_cast<int>(shape[2]),
          static_cast<int>(shape[3])};
}

// The mask coefficients of a box: the last ones of its row, or of its column.
std::vector<float> weights_of(const Seen& seen, std::int64_t row, int count) {
  const std::vector<std::int64_t>& shape = seen.outputs[0].shape();
  const bool in_columns = seen.card.output.decoder == "yolov8";
  const float* values = seen.outputs[0].as<float>().data();
  const float* first =
      in_columns ? values + (shape[1] - count) * shape[2] + row : values + (row + 1) * shape[2] - count;
  std::vector<float> weights(static_cast<std::size_t>(count));
  for (int k = 0; k < count; ++k) weights[static_cast<std::size_t>(k)] = first[k * (in_columns ? shape[2] : 1)];
  return weights;
}

Rect pixels_in(const Box& box) {
  const int left = static_cast<int>(std::ceil(box.left)), top = static_cast<int>(std::ceil(box.top));
  return {left, top, static_cast<int>(std::ceil(box.right)) - left, static_cast<int>(std::ceil(box.bottom)) - top};
}

std::vector<Thing> things_of(const Seen& seen, const Decoded& decoded, int count) {
  std::vector<Thing> things;
  for (std::size_t i = 0; i < decoded.boxes.size(); ++i) {
    const Box box = in_picture(decoded.boxes[i], seen.placed, seen.picture);
    const Rect window = pixels_in(box);
    if (window.width > 0 && window.height > 0)
      things.push_back({box, window, weights_of(seen, decoded.rows[i], count)});
  }
  return things;
}

// Fills the maps of some things. Row after row for all of them: a row of all prototypes stays in the nearest cache.
void weigh(const Prototypes& prototypes, std::span<Thing> things) {
  std::vector<float> sums(static_cast<std::size_t>(prototypes.width));
  for (int y = 0; y < prototypes.height; ++y) {
    const float* row = prototypes.values + static_cast<std::size_t>(y) * static_cast<std::size_t>(prototypes.width);
    for (Thing& thing : things) {
      const Rect& part = thing.map.samples;
      if (y < part.y || y >= part.y + part.height) continue;
      const auto width = static_cast<std::size_t>(part.width), height = static_cast<std::size_t>(part.height);
      weighted_sum(row + part.x, prototypes.plane(), thing.weights, std::span(sums).first(width));
      float* out = thing.map.values.data() + (y - part.y);
      for (std::size_t x = 0; x < width; ++x) out[x * height] = sums[x];
    }
  }
}

// Brings the values of a map to what is cut at 0.
void activate(const Seen& seen, Map& map) {
  require_numbers(seen.card, map.values);
  if (seen.card.output.decoder != "yolov5") return;
  for (float& value : map.values) value = sigmoid(value) - 0.5F;
}

}  // namespace

Detections decode_prototypes(const Seen& seen) {
  const Prototypes prototypes = prototypes_of(seen);
  const Suppression how = {.overlap = seen.how.overlap, .across_classes = seen.how.across_classes, .most = kKeptBoxes};
  const Decoded decoded = decode_boxes(seen.card, seen.outputs, kKeptConfidence, how);
  std::vector<Thing> things = things_of(seen, decoded, prototypes.count);
  const Grid grid = grid_of(seen.placed, seen.picture, {prototypes.width, prototypes.height});
  Detections found{seen.picture, kKeptConfidence, names_of(seen.card, decoded.classes), {}};
  constexpr std::size_t kTogether = 16;  // whose maps are in memory
  for (std::size_t first = 0; first < things.size(); first += kTogether) {
    const std::span<Thing> some = std::span(things).subspan(first, std::min(kTogether, things.size() - first));
    for (Thing& thing : some) {
      const Rect samples = samples_for(grid, thing.window);
      const Size size{samples.width, samples.height};
      thing.map = {samples, std::vector<float>(static_cast<std::size_t>(size.area()))};
    }
    weigh(prototypes, some);
    for (Thing& thing : some) {
      activate(seen, thing.map);
      RunMask mask = above_zero(thing.map, grid, thing.window, seen.picture);
      thing.map = {};
      if (area(mask) > 0) found.found.push_back({thing.box, std::move(mask)});
    }
  }
  return found;
}

}  // namespace pixmill::tasks
