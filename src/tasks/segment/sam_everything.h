// All things of a picture, without a prompt: a grid of points, and what is left of their answers.
#pragma once

#include <vector>

#include "pixmill/tasks/detections.h"
#include "tasks/segment/sam.h"
#include "tasks/segment/sam_decoder.h"

namespace pixmill::tasks {

// Best first.
std::vector<Detection> everything_in(SamDecoder& decoder, const SamFrame& frame, const Everything& how);

}  // namespace pixmill::tasks
