// The task that a model makes of a job that takes detectors and segmenters alike.
#pragma once

#include <memory>
#include <string_view>

#include "pixmill/models/model_card.h"
#include "pixmill/tasks/detect.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// The tasks of their cards.
inline constexpr std::string_view kFinders[] = {"detect", "segment"};

// That of `detect` or `segment`, so that what it finds is theirs too. Throws Error{usage} for other models, and those
// that segment what prompts show.
std::unique_ptr<Task> make_finder(models::ModelCard card, const DetectOptions& options);

}  // namespace pixmill::tasks
