// Detection: boxes around the things that a model knows.
#pragma once

#include <memory>
#include <span>

#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"
#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// How boxes of one thing that several windows saw become one.
enum class Merge {
  best,  // the best one stays
  fuse,  // the average, weighed by the scores (weighted boxes fusion)
};

// What is decided when a picture is looked at. What is asked of the result later is a Selection.
struct DetectOptions {
  double overlap = 0.45;        // 0..1: of two boxes of one class with a larger IoU the weaker one goes
  bool across_classes = false;  // boxes of two classes count as one thing too
  int slice = 0;               // pixels: side of the windows that a picture is looked at in, beside as a whole; 0: none
  double slice_overlap = 0.2;  // of a window with the next, 0..0.9 of its side
  Merge merge = Merge::best;
  bool equirect = false;     // the picture is a panorama of the whole sphere, looked at in views of it
  bool fast_decode = false;  // a JPEG is decoded smaller also where that moves boxes by some pixels of the input
};

// What a record keeps: enough for every later question, little enough for a million pictures.
inline constexpr float kKeptConfidence = 0.05F;
inline constexpr std::size_t kKeptBoxes = 1000;

// Records Detections, makes no picture. Throws Error: usage for a card of another task or decoder, or options out of
// range.
std::unique_ptr<Task> make_detect(models::ModelCard card, DetectOptions options);

// The boxes in a picture of the size `picture`, from the outputs of a model that saw it as the card says: those that
// its decoder reads, f32. Boxes are cut at the picture's edges; those outside are left out. Throws Error{bad_model}.
Detections detections_of(const models::ModelCard& card, std::span<const Tensor> outputs, Size picture,
                         const DetectOptions& options);

}  // namespace pixmill::tasks
