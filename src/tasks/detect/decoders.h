// The decoders of detectors: boxes from the outputs of a model as its family publishes them. One file for each family.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"
#include "pixmill/tasks/boxes.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::tasks {

// In pixels of the model's input, in the order of the model's cells; not clipped.
struct Decoded {
  std::vector<Box> boxes;
  int classes = 0;  // that the model tells apart; every label is below
  // Of each box: the row (of yolov8: the column) of the first output that it was read from, where what else the model
  // says about it stands, as mask coefficients do. Empty where the decoder says nothing more.
  std::vector<std::int64_t> rows = {};
  std::vector<std::vector<Point>> points = {};  // landmarks of each box; empty where the model finds none
};

struct Decoder {
  std::string_view name;  // as a card has it
  int outputs = 1;        // so many of the model's outputs are read, the first ones
  bool repeats = true;    // several boxes for one thing, so that overlaps are to be removed
  bool batches = true;    // the first dimension of all outputs counts pictures; else it is run with one at a time
  // Boxes with a score of at least `confidence`. `outputs`: of one picture, f32, at least as many as are read. Throws
  // Error{bad_model} where their shapes are not the decoder's. Scores that are not a number are never at least that.
  Decoded (*decode)(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) = nullptr;
};

// Null where there is none of that name.
const Decoder* find_decoder(std::string_view name);

// The boxes of a model's outputs (all of them, or those that its decoder reads), overlaps removed, best first; in
// pixels of the model's input. Throws Error{bad_model}: no decoder of boxes, too few outputs, other types or shapes,
// another number of classes than the card names, a value that is infinite or not a number.
Decoded decode_boxes(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence,
                     const Suppression& how = {});

Decoded decode_yolov5(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);
Decoded decode_yolov8(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);
Decoded decode_end_to_end(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);
Decoded decode_yolov7(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);
Decoded decode_listed(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);
Decoded decode_counted(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);
Decoded decode_rtdetr(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);
Decoded decode_rfdetr(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);
Decoded decode_yolox(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);
Decoded decode_nanodet(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);
Decoded decode_fastestdet(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);
Decoded decode_yunet(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence);

// What the families share.

// Mask coefficients that follow the class scores in a row: the channels of the prototypes, a second output of rank 4; 0
// where there are none.
std::int64_t mask_coefficients(std::span<const Tensor> outputs);

// Throws Error{bad_model}, "... has no output that the decoder ... can read", unless `good`.
void require_readable(const models::ModelCard& card, bool good);

// Throws Error{bad_model} unless `value` is a class: of those that the card names, else of as many as a card may name.
// Raises `found.classes` where the card names none.
int label_from(const models::ModelCard& card, float value, Decoded& found);

inline Box centred(float x, float y, float width, float height, float score, std::int64_t label) {
  return {x - width / 2, y - height / 2, x + width / 2, y + height / 2, score, static_cast<int>(label)};
}

inline float sigmoid(float value) {
  return 1.0F / (1.0F + std::exp(-value));
}

// The class of that score, the largest one, `step` floats apart.
inline std::int64_t class_with(float score, const float* scores, std::int64_t step = 1) {
  std::int64_t label = 0;
  while (scores[label * step] != score) ++label;
  return label;
}

inline constexpr int kStrides[] = {8, 16, 32};
inline constexpr std::size_t kLevels = std::size(kStrides);

// A cell of one of the grids that divide the model's input.
struct Cell {
  std::size_t level = 0;   // of its stride
  std::int64_t index = 0;  // in its grid, row by row
  float x = 0, y = 0;      // column and row
  float stride = 0;        // pixels of the input
};

inline Size grid(Size input, int stride) {
  return {(input.width + stride - 1) / stride, (input.height + stride - 1) / stride};
}

// Calls visit(cell) for the cells of all strides, the finest first.
template <typename Visit>
void each_cell(Size input, Visit visit) {
  for (std::size_t level = 0; level < kLevels; ++level) {
    const Size cells = grid(input, kStrides[level]);
    std::int64_t index = 0;
    for (int y = 0; y < cells.height; ++y) {
      for (int x = 0; x < cells.width; ++x)
        visit(Cell{level, index++, static_cast<float>(x), static_cast<float>(y), static_cast<float>(kStrides[level])});
    }
  }
}

}  // namespace pixmill::tasks
