// The output layouts of detectors as their families publish them: where each number is, and what it means.
#include "pixmill/tasks/boxes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "pixmill/core/error.h"

namespace pixmill::tasks {
namespace {

using Outputs = std::span<const Tensor>;
using Boxes = std::vector<Box>;

constexpr double kOverlap = 0.45;   // of two boxes of one class: the weaker one goes
constexpr std::size_t kMost = 300;  // boxes of one picture
constexpr std::array kStrides = {8, 16, 32};
constexpr std::int64_t kMaskCoefficients = 32;  // that follow the class scores in a segmenting YOLO model

[[noreturn]] void refuse(const models::ModelCard& card) {
  throw Error(ErrorCode::bad_model, card.id + " has no output that the decoder '" + card.output.decoder + "' can read",
              "check `decoder` in its card");
}

void require(const models::ModelCard& card, bool good) {
  if (!good) refuse(card);
}

Box centred(float x, float y, float width, float height, float score, std::int64_t label) {
  return {x - width / 2, y - height / 2, x + width / 2, y + height / 2, score, static_cast<int>(label)};
}

// The best of `count` class scores, `step` floats apart.
struct Best {
  std::int64_t label = 0;
  float score = 0;
};
Best best_of(const float* scores, std::int64_t count, std::int64_t step) {
  Best best{0, scores[0]};
  for (std::int64_t c = 1; c < count; ++c) {
    if (scores[c * step] > best.score) best = {c, scores[c * step]};
  }
  return best;
}

float sigmoid(float value) {
  return 1.0F / (1.0F + std::exp(-value));
}

// [1, 4 + classes (+ 32), anchors]: centre, size, scores.
Boxes yolov8(const models::ModelCard& card, Outputs outputs, float confidence) {
  require(card, !outputs.empty() && outputs[0].shape().size() == 3);
  const std::int64_t rows = outputs[0].shape()[1], anchors = outputs[0].shape()[2];
  const std::int64_t classes = rows - 4 - (outputs.size() > 1 ? kMaskCoefficients : 0);
  require(card, classes > 0);
  const float* values = outputs[0].as<float>().data();
  Boxes boxes;
  for (std::int64_t i = 0; i < anchors; ++i) {
    const float* at = values + i;
    const Best best = best_of(at + 4 * anchors, classes, anchors);
    if (best.score < confidence) continue;
    boxes.push_back(centred(at[0], at[anchors], at[2 * anchors], at[3 * anchors], best.score, best.label));
  }
  return boxes;
}

// [1, anchors, 5 + classes]: centre, size, objectness, scores.
Boxes yolov5(const models::ModelCard& card, Outputs outputs, float confidence) {
  require(card, !outputs.empty() && outputs[0].shape().size() == 3 && outputs[0].shape()[2] > 5);
  const std::int64_t columns = outputs[0].shape()[2];
  const float* at = outputs[0].as<float>().data();
  Boxes boxes;
  for (std::int64_t i = 0; i < outputs[0].shape()[1]; ++i, at += columns) {
    const Best best = best_of(at + 5, columns - 5, 1);
    if (best.score * at[4] < confidence) continue;
    boxes.push_back(centred(at[0], at[1], at[2], at[3], best.score * at[4], best.label));
  }
  return boxes;
}

// Calls `cell(index, x, y, stride)` for the cells of all strides, row by row, the finest first.
template <typename Cell>
void each_cell(Size input, Cell cell) {
  std::int64_t index = 0;
  for (const int stride : kStrides) {
    const int columns = (input.width + stride - 1) / stride, rows = (input.height + stride - 1) / stride;
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < columns; ++x) cell(index++, x, y, stride);
    }
  }
}

// As yolov5, in cells: (xy + cell) * stride, exp(wh) * stride.
Boxes yolox(const models::ModelCard& card, Outputs outputs, float confidence) {
  require(card, !outputs.empty() && outputs[0].shape().size() == 3 && outputs[0].shape()[2] > 5);
  const std::int64_t columns = outputs[0].shape()[2], anchors = outputs[0].shape()[1];
  const float* values = outputs[0].as<float>().data();
  Boxes boxes;
  each_cell(card.input.size, [&](std::int64_t i, int x, int y, int stride) {
    require(card, i < anchors);
    const float* at = values + i * columns;
    const Best best = best_of(at + 5, columns - 5, 1);
    if (best.score * at[4] < confidence) return;
    const auto scale = static_cast<float>(stride);
    boxes.push_back(centred((at[0] + static_cast<float>(x)) * scale, (at[1] + static_cast<float>(y)) * scale,
                            std::exp(at[2]) * scale, std::exp(at[3]) * scale, best.score * at[4], best.label));
  });
  return boxes;
}

// The mean of a distribution over 0 .. bins - 1, from its logits.
float expectation(const float* logits, std::int64_t bins) {
  const float largest = *std::max_element(logits, logits + bins);
  float sum = 0, weighted = 0;
  for (std::int64_t b = 0; b < bins; ++b) {
    const float share = std::exp(logits[b] - largest);
    sum += share;
    weighted += share * static_cast<float>(b);
  }
  return weighted / sum;
}

// Six outputs: class scores [1, cells, classes] of three strides, then distances to the four sides as distributions
// [1, cells, 4 * bins], in strides, from the middle of the cell.
Boxes nanodet(const models::ModelCard& card, Outputs outputs, float confidence) {
  require(card, outputs.size() == 2 * kStrides.size());
  for (const Tensor& output : outputs) require(card, output.shape().size() == 3);
  Boxes boxes;
  std::int64_t before = 0;  // cells of finer strides
  std::size_t level = 0;
  each_cell(card.input.size, [&](std::int64_t i, int x, int y, int stride) {
    if (kStrides[level] != stride) {
      ++level;
      before = i;
    }
    const Tensor& scores = outputs[level];
    const Tensor& sides = outputs[level + kStrides.size()];
    require(card, i - before < scores.shape()[1] && scores.shape()[1] == sides.shape()[1]);
    const std::int64_t classes = scores.shape()[2], bins = sides.shape()[2] / 4;
    const Best best = best_of(scores.as<float>().data() + (i - before) * classes, classes, 1);
    if (best.score < confidence) return;
    const float* side = sides.as<float>().data() + (i - before) * 4 * bins;
    const auto scale = static_cast<float>(stride);
    const float middle_x = (static_cast<float>(x) + 0.5F) * scale, middle_y = (static_cast<float>(y) + 0.5F) * scale;
    boxes.push_back({middle_x - expectation(side, bins) * scale, middle_y - expectation(side + bins, bins) * scale,
                     middle_x + expectation(side + 2 * bins, bins) * scale,
                     middle_y + expectation(side + 3 * bins, bins) * scale, best.score, static_cast<int>(best.label)});
  });
  return boxes;
}

// [1, 5 + classes, rows, columns]: objectness, tanh(xy) from the cell, sigmoid(wh) of the picture, scores.
Boxes fastestdet(const models::ModelCard& card, Outputs outputs, float confidence) {
  require(card, !outputs.empty() && outputs[0].shape().size() == 4 && outputs[0].shape()[1] > 5);
  const std::int64_t classes = outputs[0].shape()[1] - 5, rows = outputs[0].shape()[2], columns = outputs[0].shape()[3];
  const auto width = static_cast<float>(card.input.size.width), height = static_cast<float>(card.input.size.height);
  const std::int64_t cells = rows * columns;
  const float* values = outputs[0].as<float>().data();
  Boxes boxes;
  for (std::int64_t i = 0; i < cells; ++i) {
    const float* at = values + i;
    const Best best = best_of(at + 5 * cells, classes, cells);
    const float score = std::pow(std::max(at[0], 0.0F), 0.6F) * std::pow(std::max(best.score, 0.0F), 0.4F);
    if (score < confidence) continue;
    const std::int64_t column = i % columns, row = i / columns;
    const float x = (static_cast<float>(column) + std::tanh(at[cells])) / static_cast<float>(columns);
    const float y = (static_cast<float>(row) + std::tanh(at[2 * cells])) / static_cast<float>(rows);
    boxes.push_back(centred(x * width, y * height, sigmoid(at[3 * cells]) * width, sigmoid(at[4 * cells]) * height,
                            score, best.label));
  }
  return boxes;
}

// Twelve outputs, each for three strides: class, objectness, box, five landmarks. score = sqrt(class * objectness).
Boxes yunet(const models::ModelCard& card, Outputs outputs, float confidence) {
  constexpr std::size_t kObjectness = 3, kBox = 6;
  require(card, outputs.size() == 12);
  Boxes boxes;
  std::int64_t before = 0;
  std::size_t level = 0;
  each_cell(card.input.size, [&](std::int64_t i, int x, int y, int stride) {
    if (kStrides[level] != stride) {
      ++level;
      before = i;
    }
    const auto at = static_cast<std::size_t>(i - before);
    require(card, static_cast<std::int64_t>(at) < outputs[level].size() &&
                      outputs[level + kBox].size() == 4 * outputs[level].size());
    const float product = outputs[level].as<float>()[at] * outputs[level + kObjectness].as<float>()[at];
    const float score = std::sqrt(std::max(product, 0.0F));
    if (score < confidence) return;
    const float* box = outputs[level + kBox].as<float>().data() + 4 * at;
    const auto scale = static_cast<float>(stride);
    boxes.push_back(centred((static_cast<float>(x) + box[0]) * scale, (static_cast<float>(y) + box[1]) * scale,
                            std::exp(box[2]) * scale, std::exp(box[3]) * scale, score, 0));
  });
  return boxes;
}

struct Decoder {
  std::string_view name;
  Boxes (*decode)(const models::ModelCard& card, Outputs outputs, float confidence);
};
constexpr Decoder kDecoders[] = {{"yolov8", yolov8},   {"yolov5", yolov5},         {"yolox", yolox},
                                 {"nanodet", nanodet}, {"fastestdet", fastestdet}, {"yunet", yunet}};

const Decoder* find_decoder(std::string_view name) {
  const auto* found = std::find_if(std::begin(kDecoders), std::end(kDecoders),
                                   [&](const Decoder& decoder) { return decoder.name == name; });
  return found == std::end(kDecoders) ? nullptr : found;
}

Boxes without_overlaps(Boxes boxes) {
  std::stable_sort(boxes.begin(), boxes.end(), [](const Box& a, const Box& b) { return a.score > b.score; });
  Boxes kept;
  for (const Box& box : boxes) {
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Box& better) {
      return better.label == box.label && iou(better, box) > kOverlap;
    });
    if (!covered) kept.push_back(box);
    if (kept.size() == kMost) break;
  }
  return kept;
}

}  // namespace

double iou(const Box& a, const Box& b) {
  const auto area = [](const Box& box) {
    return static_cast<double>(std::max(0.0F, box.right - box.left)) *
           static_cast<double>(std::max(0.0F, box.bottom - box.top));
  };
  const Box common{std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right),
                   std::min(a.bottom, b.bottom)};
  const double both = area(common), either = area(a) + area(b) - both;
  return either > 0.0 ? both / either : 0.0;
}

bool knows_boxes(std::string_view decoder) {
  return find_decoder(decoder) != nullptr;
}

std::vector<Box> decode_boxes(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  const Decoder* decoder = find_decoder(card.output.decoder);
  if (decoder == nullptr) refuse(card);
  return without_overlaps(decoder->decode(card, outputs, confidence));
}

}  // namespace pixmill::tasks
