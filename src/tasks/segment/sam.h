// Segment Anything: an encoder that sees the picture once, and a decoder that answers each prompt.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pixmill/models/model_card.h"
#include "pixmill/tasks/prompts.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// All things of a picture: a grid of points, of which those answers stay that are good and not one thing's twice. The
// defaults are those of segment-anything's automatic mask generator.
struct Everything {
  int points_per_side = 32;
  double predicted_iou = 0.88;  // more
  double stability = 0.95;      // at least: pixels above a logit of 1 by those above -1
  double overlap = 0.7;         // of two boxes with a larger IoU the weaker one goes
};

struct SamOptions {
  std::vector<PromptGroup> groups;         // of every picture
  std::shared_ptr<const PromptFile> file;  // of some, by name; the others have no prompts
  std::optional<Everything> everything;
  std::string label = "object";  // class of the things where no file says another one
};

// Whether models of that card answer prompts.
bool takes_prompts(const models::ModelCard& card);

// Records Detections with masks; their scores are the IoU that the model predicts. Throws Error: usage without any
// prompt, bad_model where the card's files do not fit together.
std::unique_ptr<Task> make_sam(const models::ModelCard& card, SamOptions options);

}  // namespace pixmill::tasks
