// How far two results of a model are apart, by the metric of what it makes: verify and quantize judge by it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"

namespace pixmill::tasks {

struct Difference {
  double max = 0.0, mean = 0.0;  // of |got - reference|, over what is finite in both
  bool finite = true;            // `got` holds no NaN and no infinity
};

// One picture's result compared with the reference's.
struct Agreement {
  Difference difference;  // of mattes and pictures as they are seen (0..1), of the raw numbers otherwise
  double score = 0.0;     // better when it is higher; 0 where the result is not finite
};

// One row for each kind of result. Immutable.
struct Comparison {
  std::string_view name;       // of the score: "IoU"
  std::string_view unit = {};  // "dB"
  // When a result is as good as the reference, see docs/PRECISION.md.
  double mean_score = 0.0;   // over all pictures, at least
  double worst_score = 0.0;  // of any picture, at least
  double mean_error = 0.0;   // over all pictures, at most; 0: whatever it is
  // What a variant of a model may lose.
  std::string_view loss;           // in words
  bool loss_is_error = false;      // the mean error; else what is missing of a score of 1
  double accepted_loss = 0.01;     // unless somebody says otherwise
  bool reads_all_outputs = false;  // of the model; else the one that the card names
  // Both finite, alike in number, shapes and types. Throws Error{bad_model} where they cannot be read as the card says.
  Agreement (*compare)(const models::ModelCard& card, std::span<const Tensor> reference,
                       std::span<const Tensor> got) = nullptr;
  // Overlap of a result with a true mask (1 channel u8, of any size), 0..1. Null where results are no masks.
  double (*truth)(const models::ModelCard& card, const Tensor& output, Size photo, ImageView mask) = nullptr;
};

// By the decoder of the card; outputs that nothing decodes are compared as vectors.
const Comparison& comparison_of(const models::ModelCard& card);

// `reference` and `got`: the outputs of one picture that judged_outputs() names. Throws Error{bad_model} where they
// have not one shape, or cannot be read as the card says.
Agreement agreement(const models::ModelCard& card, std::span<const Tensor> reference, std::span<const Tensor> got);

// The outputs by which a model is judged. Empty: all.
std::vector<int> judged_outputs(const models::ModelCard& card);

}  // namespace pixmill::tasks
