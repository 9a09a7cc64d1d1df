// The difference of two results of a model: numeric, and by the task's metric.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"
#include "pixmill/tasks/boxes.h"

namespace pixmill::measure {

struct Difference {
  double max = 0.0, mean = 0.0;  // of |got - reference|, over what is finite in both
  bool finite = true;            // `got` holds no NaN and no infinity
};

// Both of one length.
Difference difference(std::span<const float> reference, std::span<const float> got);

// Overlap of two mattes of one size (1 channel, f32), cut at 0.5: 0..1; 1 where both are empty.
double iou(ImageView reference, ImageView got);

// Peak signal-to-noise ratio in dB of values 0..1 (clamped to it, as a picture would be); kEqualDb where they are
// equal.
double psnr(std::span<const float> reference, std::span<const float> got);
inline constexpr double kEqualDb = 120.0;

// -1..1; 1 where both are zero.
double cosine(std::span<const float> reference, std::span<const float> got);

// The share of boxes with a partner (same label, IoU of at least 0.9) on the other side, both ways: 0..1; 1 where there
// are none. A box counts from a score of 0.25 on; its partner may be weaker by 0.05, or boxes at the limit would come
// and go with the last digit.
double matched_share(std::span<const tasks::Box> reference, std::span<const tasks::Box> got);

// How a task's results are compared. Every score is better when it is higher.
enum class Measure {
  matte,    // IoU of the decoded mattes
  picture,  // PSNR
  vector,   // cosine
  boxes,    // matched_share() of the decoded boxes
  labels,   // the share of pixels with the same class
  tensor,   // cosine of each output, the worst of them: outputs without a decoder in pixmill
};

// When a result is as good as the reference. Documented in docs/PRECISION.md.
struct Tolerance {
  Measure measure = Measure::tensor;
  std::string_view name;       // "IoU"
  std::string_view unit = {};  // "dB"
  double mean_score = 0.0;     // over all pictures, at least
  double worst_score = 0.0;    // of any picture, at least
  double mean_error = 0.0;     // over all pictures, at most; 0: whatever it is
};

Tolerance tolerance_of(const models::ModelCard& card);

// One picture's result compared with the baseline's.
struct Agreement {
  Difference difference;  // of mattes and pictures as they are seen (0..1), of the raw numbers otherwise
  double score = 0.0;
};

// `reference` and `got`: the outputs of one picture that wanted_outputs() names. Throws Error{bad_model} where they
// have not one shape, or cannot be read as the card says.
Agreement agreement(const models::ModelCard& card, std::span<const Tensor> reference, std::span<const Tensor> got);

// The outputs by which a model is judged, of `outputs` that it has. Empty: all.
std::vector<int> wanted_outputs(const models::ModelCard& card);

// Overlap of the matte in a cut-out model's output with a true mask (1 channel u8, of any size), to which it is
// enlarged; both cut at a half.
double truth_iou(const models::ModelCard& card, const Tensor& output, Size photo, ImageView mask);

}  // namespace pixmill::measure
