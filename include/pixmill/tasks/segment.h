// Segmentation: the shapes of the things that a model knows.
#pragma once

#include <memory>

#include "pixmill/models/model_card.h"
#include "pixmill/tasks/detect.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// Records Detections with masks, makes no picture. Throws Error: usage for a card of another task or decoder, or
// options out of range.
std::unique_ptr<Task> make_segment(models::ModelCard card, DetectOptions options);

}  // namespace pixmill::tasks
