// A task on one picture: preprocess and postprocess around a model, pure functions. No files, no threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"

namespace pixmill::tasks {

// One picture that a task made. `role` tells several apart: "picture", "mask".
struct Output {
  std::string role;
  Image image;
};

// Immutable after construction, so safe to call from many threads.
class Task {
 public:
  virtual ~Task() = default;

  virtual std::string_view name() const = 0;  // "cutout"
  virtual const models::ModelCard& card() const = 0;

  // The shape of a batch of one as the model wants it, for warm-up; -1 never occurs (a typical size stands in).
  virtual std::vector<std::int64_t> input_shape() const = 0;

  // The model's input for one picture: first dimension 1. `photo`: upright, sRGB, any type and channels.
  virtual Tensor preprocess(ImageView photo) const = 0;

  // Which outputs of the model postprocess() needs, in the order it needs them.
  virtual std::vector<int> wanted_outputs() const = 0;

  // `outputs`: first dimension 1. The photo is consumed.
  virtual std::vector<Output> postprocess(std::vector<Tensor> outputs, Image photo) const = 0;
};

}  // namespace pixmill::tasks
