// Removal of overlaps, and reading of detectors' outputs.
#include <random>

#include "measure/bench/part_rows.h"
#include "pixmill/models/class_names.h"
#include "pixmill/tasks/boxes.h"
#include "pixmill/tasks/detect.h"

namespace pixmill::measure {
namespace {

constexpr int kClasses = 80, kAnchors = 8400;

// Boxes in clumps, as a detector sees things: several for each of them.
std::vector<tasks::Box> crowd(int count) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> place(0, 1240), size(10, 200), shift(-6, 6), score(0, 1);
  std::vector<tasks::Box> boxes;
  while (static_cast<int>(boxes.size()) < count) {
    const float x = place(random), y = place(random), width = size(random), height = size(random);
    const int label = static_cast<int>(random() % kClasses);
    for (int i = 0; i < 8 && static_cast<int>(boxes.size()) < count; ++i) {
      const float left = x + shift(random), top = y + shift(random);
      boxes.push_back({left, top, left + width, top + height, score(random), label});
    }
  }
  return boxes;
}

// The output of such a model: a hundredth of its candidates are sure of something.
Tensor table() {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> place(0, 640), size(10, 200), weak(0, 0.04F), sure(0.1F, 0.95F);
  Tensor output({1, 4 + kClasses, kAnchors}, ElementType::f32);
  float* values = output.as<float>().data();
  for (int anchor = 0; anchor < kAnchors; ++anchor) {
    for (int row = 0; row < 4 + kClasses; ++row)
      values[row * kAnchors + anchor] = row < 2 ? place(random) : row < 4 ? size(random) : weak(random);
    if (anchor % 100 == 0) values[(4 + static_cast<int>(random() % kClasses)) * kAnchors + anchor] = sure(random);
  }
  return output;
}

}  // namespace

std::vector<PartRow> measure_nms(const PartInput& input) {
  std::vector<PartRow> rows;
  for (const int count : {300, kAnchors, 25200, 100000}) {
    const std::vector<tasks::Box> boxes = crowd(count);
    for (const bool across : {false, true}) {
      rows.push_back(timed(input, std::to_string(count) + " boxes" + (across ? ", across classes" : ""), count, "boxes",
                           [&] { (void)tasks::best_boxes(boxes, {.across_classes = across}); }));
    }
  }
  models::ModelCard card;
  card.id = "measured";
  card.input.size = {640, 640};
  card.output.decoder = "yolov8";
  card.output.classes = models::coco_80();
  const Tensor output = table();
  rows.push_back(timed(input, "8400 candidates of 80 classes read", kAnchors, "candidates", [&] {
    (void)tasks::detections_of(card, {&output, 1}, {1920, 1080}, {});
  }));
  return rows;
}

}  // namespace pixmill::measure
