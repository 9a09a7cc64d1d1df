// How far a result in tiles is from one without.
#pragma once

#include <string>

#include "pixmill/core/image.h"
#include "pixmill/tasks/task.h"
#include "tasks/restore/tiles.h"

namespace pixmill::tasks {

struct SeamScore {
  double max = 0.0, mean = 0.0;  // of the difference, 0..1
  Size checked;                  // of the photograph
  std::size_t tiles = 1;
};

// The middle of `picture`, at most kSeamSide a side, in tiles and as one; twice the work of that part. Its own edges
// are alike in both.
SeamScore seam_score(Context& context, const TileModel& model, ImageView picture);

// The same in words: "seams: at most 0.12/255, 0.003/255 on average, ...".
std::string seams_of(Context& context, const TileModel& model, ImageView picture);

inline constexpr int kSeamSide = 1024;

}  // namespace pixmill::tasks
