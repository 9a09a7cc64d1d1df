// What tasks that find things share: the way of a photo into a model, and of boxes back into the photo.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "pixmill/core/image.h"
#include "pixmill/models/model_card.h"
#include "pixmill/tasks/detect.h"
#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/model_input.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// From the model's input to the picture, and cut at its edges. The picture fills `placed.content` from edge to edge.
// The score is at most 1.
Box in_picture(Box box, const Placement& placed, Size picture);
Point in_picture(Point point, const Placement& placed, Size picture);  // not cut

// The card's names; numbers where it has none.
ClassNames names_of(const models::ModelCard& card, int classes);

// Throws Error{bad_model} where the card names another number of classes than the model tells apart.
void require_named(const models::ModelCard& card, int classes);

// As u8 RGB; the same picture where it is that already.
Image as_rgb8(Image photo);

// Throws Error{usage} with that hint unless `good`.
void require_usable(bool good, const std::string& message, const std::string& hint);

// What every model needs that looks at whole pictures. `they`: "detectors". Throws Error{usage}.
void require_whole_pictures(const models::ModelCard& card, const DetectOptions& options, std::string_view they);

// The first `outputs` of the only graph of a task that looks at whole pictures.
Graph only_graph(const models::InputSpec& input, int outputs);

// The decoded picture and, where it is not RGB of 8 bits, a copy that is; for each look that waits for the model the
// input before and after normalising, and of the outputs at most a row for each of three boxes a cell.
Cost cost_of(Size picture, const models::ModelCard& card, const DetectOptions& options);

}  // namespace pixmill::tasks
