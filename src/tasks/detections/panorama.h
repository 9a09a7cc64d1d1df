// A panorama of the whole sphere is looked at in views of it, and what they show is put together on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/models/model_card.h"
#include "pixmill/tasks/detect.h"
#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/task.h"
#include "tasks/detections/looking.h"
#include "tasks/detections/sphere.h"

namespace pixmill::tasks {

// `picture`: u8 RGB, of a panorama of the size `full`. Every thing has a mask in pixels of the panorama; one that goes
// on around the left and right edges is one thing, in two parts, and its box is then as wide as the panorama. Throws
// Error{unsupported} where the size is not 2:1, and what the functions throw.
Detections look_around(Image picture, Size full, Context& context, const DetectOptions& options, const Look& look);

// Of that for a picture of a job. `bytes`: of one look that waits for the model.
Cost cost_around(Size picture, const models::ModelCard& card, std::int64_t bytes);

// A thing as one view showed it, on the panorama: `thing` with a mask of it, and its score, label and points.
struct SphericPiece {
  Detection thing;
  std::size_t view = 0;    // in sphere_views()
  bool cut = false;        // it ends at an edge of the view
  bool has_shape = false;  // the view's mask, and not only its box
};

// What the pieces of all views are together, best first, at most `most`. Where two views show one thing, each pixel
// asks the one in whose middle it is. `by_pixels`: all of one class are one thing, and each pixel asks the best of all
// views.
std::vector<Detection> assembled(std::vector<SphericPiece> pieces, const Sphere& sphere, bool by_pixels,
                                 bool across_classes, std::size_t most);

}  // namespace pixmill::tasks
