// Enlarging and denoising: a picture in tiles through a model that makes pictures of pictures.
#pragma once

#include <memory>
#include <optional>

#include "pixmill/models/model_card.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

struct RestoreOptions {
  int tile = 0;  // pixels of the photograph, at most; 0: by what was measured for the card, else as it says
  std::optional<int> overlap;  // pixels that neighbouring tiles share; none: as the card says
  float strength = 1.0F;       // 0..1: of the model's result; the rest is the photograph, enlarged
  bool turned = false;         // average of eight results, of the photograph mirrored and turned
  double scale = 0.0;          // of the result's sides; 0: the model's. Another one is resampled afterwards
  bool check_seams = false;    // notes how far the tiled result is from one without tiles
};

// `card`: of the task "upscale" or "denoise", whose decoder is "picture". Throws Error{usage} for a card of another
// kind or options out of range.
std::unique_ptr<Task> make_restore(models::ModelCard card, RestoreOptions options);

}  // namespace pixmill::tasks
