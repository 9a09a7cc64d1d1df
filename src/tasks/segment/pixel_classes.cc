// Models that say of every pixel what it is: one thing for each class that is there. `classes`: the largest channel;
// `layers`: channels that overlap, each cut at a half. The channels are enlarged to the picture first.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tasks/detect/decoders.h"
#include "tasks/detections/finding.h"
#include "tasks/segment/decoders.h"
#include "tasks/segment/enlarged.h"
#include "tasks/segment/label_map.h"

namespace pixmill::tasks {
namespace {

// The channels of an output.
struct Channels {
  const float* values;
  std::int64_t count, height, width;
  bool planar;

  float at(std::int64_t channel, std::int64_t y, std::int64_t x) const {
    return planar ? values[(channel * height + y) * width + x] : values[(y * width + x) * count + channel];
  }
};

Channels channels_of(const Seen& seen, std::int64_t least) {
  require_readable(seen.card, !seen.outputs.empty() && seen.outputs[0].type() == ElementType::f32);
  const Tensor& output = seen.outputs[0];
  const std::vector<std::int64_t>& shape = output.shape();
  require_readable(seen.card, shape.size() == 4 && shape[0] == 1 && std::all_of(shape.begin(), shape.end(), [](auto n) {
                                return n > 0 && n <= 1 << 14;
                              }));
  const bool planar = seen.card.input.planar;
  const Channels channels{output.as<float>().data(), planar ? shape[1] : shape[3], planar ? shape[2] : shape[1],
                          planar ? shape[3] : shape[2], planar};
  require_readable(seen.card, channels.count >= least);
  require_named(seen.card, static_cast<int>(channels.count));
  require_numbers(seen.card, output.as<float>());
  return channels;
}

Rect whole(Size picture) {
  return {0, 0, picture.width, picture.height};
}

Grid grid_over(const Seen& seen, const Channels& channels) {
  return grid_of(seen.placed, seen.picture, {static_cast<int>(channels.width), static_cast<int>(channels.height)});
}

// Calls visit(x, y) for the samples, column by column.
template <typename Visit>
void each_sample(const Rect& samples, Visit visit) {
  for (int x = samples.x; x < samples.x + samples.width; ++x) {
    for (int y = samples.y; y < samples.y + samples.height; ++y) visit(x, y);
  }
}

// The thing that a class is: its mask, the box around it, and how sure the model is of it.
void add_class(int label, RunMask mask, double score, Detections& found) {
  const Rect around = bounds(mask);
  const auto side = [](int at) { return static_cast<float>(at); };
  const Box box{side(around.x),
                side(around.y),
                side(around.x + around.width),
                side(around.y + around.height),
                static_cast<float>(std::clamp(score, 0.0, 1.0)),
                label};
  if (box.score >= found.confidence) found.found.push_back({box, std::move(mask)});
}

Detections best_first(Detections found) {
  std::stable_sort(found.found.begin(), found.found.end(),
                   [](const Detection& a, const Detection& b) { return a.box.score > b.box.score; });
  return found;
}

// How sure a model is of its classes.
class Shares {
 public:
  Shares(const ClassMap& map, const std::vector<int>& largest, models::Activation activation)
      : map_(map), largest_(largest), activation_(activation) {
    if (activation != models::Activation::softmax) return;
    for (std::size_t sample = 0; sample < largest.size(); ++sample) {
      float sum = 0;
      for (std::size_t c = 0; c < map.classes; ++c) sum += std::exp(value(sample, c) - top(sample));
      sums_.push_back(sum);
    }
  }

  // The mean of its share over the samples where it is the largest; of a class that is so between samples only, its
  // largest share.
  double of(std::size_t label) const {
    double sum = 0, most = 0;
    int count = 0;
    for (std::size_t sample = 0; sample < largest_.size(); ++sample) {
      const double share = share_of(sample, label);
      most = std::max(most, share);
      if (largest_[sample] == static_cast<int>(label)) sum += share, ++count;
    }
    return count > 0 ? sum / count : most;
  }

 private:
  float value(std::size_t sample, std::size_t label) const { return map_.values[sample * map_.classes + label]; }
  float top(std::size_t sample) const { return value(sample, static_cast<std::size_t>(largest_[sample])); }

  double share_of(std::size_t sample, std::size_t label) const {
    switch (activation_) {
      case models::Activation::softmax: return std::exp(value(sample, label) - top(sample)) / sums_[sample];
      case models::Activation::sigmoid: return sigmoid(value(sample, label));
      case models::Activation::none: break;
    }
    return value(sample, label);
  }

  const ClassMap& map_;
  const std::vector<int>& largest_;
  const models::Activation activation_;
  std::vector<float> sums_;  // of a softmax
};

}  // namespace

Detections decode_classes(const Seen& seen) {
  const Channels channels = channels_of(seen, 2);
  const auto classes = static_cast<std::size_t>(channels.count);
  const Grid grid = grid_over(seen, channels);
  ClassMap map{samples_for(grid, whole(seen.picture)), classes, {}};
  map.values.reserve(static_cast<std::size_t>(Size{map.samples.width, map.samples.height}.area()) * classes);
  each_sample(map.samples, [&](int x, int y) {
    for (std::int64_t c = 0; c < channels.count; ++c) map.values.push_back(channels.at(c, y, x));
  });
  const std::vector<int> largest = largest_of(map);
  std::vector<RunMask> masks = masks_of(map, largest, grid, seen.picture, seen.card.output.background);
  const Shares shares(map, largest, seen.card.output.activation);
  Detections found{seen.picture, kKeptConfidence, names_of(seen.card, static_cast<int>(classes)), {}};
  for (std::size_t label = 0; label < classes; ++label) {
    if (!masks[label].empty()) add_class(static_cast<int>(label), std::move(masks[label]), shares.of(label), found);
  }
  return best_first(std::move(found));
}

Detections decode_layers(const Seen& seen) {
  constexpr float kHalf = 0.5F;
  const Channels channels = channels_of(seen, 1);
  const Grid grid = grid_over(seen, channels);
  const bool logits = seen.card.output.activation == models::Activation::sigmoid;
  Detections found{seen.picture, kKeptConfidence, names_of(seen.card, static_cast<int>(channels.count)), {}};
  Map map{samples_for(grid, whole(seen.picture)), {}};
  for (std::int64_t c = 0; c < channels.count; ++c) {
    if (c == seen.card.output.background) continue;
    map.values.clear();
    double sum = 0, most = 0;
    int count = 0;
    each_sample(map.samples, [&](int x, int y) {
      const float value = channels.at(c, y, x), share = logits ? sigmoid(value) : value;
      map.values.push_back(share - kHalf);
      most = std::max<double>(most, share);
      if (share > kHalf) sum += share, ++count;
    });
    RunMask mask = above_zero(map, grid, whole(seen.picture), seen.picture);
    if (area(mask) > 0) add_class(static_cast<int>(c), std::move(mask), count > 0 ? sum / count : most, found);
  }
  return best_first(std::move(found));
}

}  // namespace pixmill::tasks
