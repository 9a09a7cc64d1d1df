// A look at a picture, as a whole or in windows: what every task that finds things in one look does.
#pragma once

#include <functional>
#include <vector>

#include "pixmill/models/model_card.h"
#include "pixmill/tasks/detect.h"
#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// What a task does with one look.
struct Look {
  // The inputs of the model for these pixels, u8 RGB, which stand for a picture of the size `full`, as they may have
  // been made smaller while they were read.
  std::function<Tensors(ImageView pixels, Size full)> inputs;
  // What the model found in a picture of that size.
  std::function<Detections(std::vector<Tensor> outputs, Size full)> things;
  int side = 0;            // of the model's input, the longer one, for a square picture
  bool by_pixels = false;  // it says of each pixel what it is: what is of one class is one thing
};

// For Look::side.
int input_side(const models::InputSpec& input);

// The picture looked at through graph 0 as the options say, with its quality. Throws what the functions throw.
Detections look_at(Image picture, Context& context, const DetectOptions& options, const Look& look);

// For Task::least(): the smallest picture in which a model finds the same as in one of that size; itself where the
// model's resize is not antialiased (unless the options allow it) or windows are wanted.
Size least_for(Size picture, const models::InputSpec& input, const DetectOptions& options);

}  // namespace pixmill::tasks
