// A picture seen in overlapping windows: where they lie, and how things that several of them saw become one.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/tasks/detect.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::tasks {

// Windows of side x side pixels that cover the picture, by rows; the last ones of a row and a column are shifted back
// to the picture's edge, so that all are of one size. A picture that is narrower or lower than `side` has windows of
// its own extent there. `overlap`: of one window with the next, 0 to 0.9 of its side. Empty where one window would be
// the whole picture.
std::vector<Rect> windows(Size picture, int side, double overlap);

// So many wait for the model at a time, with their inputs in memory.
inline constexpr std::size_t kWindowsAtOnce = 16;

// What was seen in a window, moved to where that is in the picture.
Detection moved(Detection seen, const Rect& window, Size picture);

// A thing that a window may show in part only.
struct Piece {
  Detection thing;   // in the picture
  bool cut = false;  // it ends at an edge of its window that is not one of the picture's
};

bool is_cut(const Box& box, const Rect& window, Size picture);

// What the pieces of all windows, and of a look at the whole picture, are together; best first, at most `most`. Whole
// things that overlap are one as `how` says: the best one stays, or with Merge::fuse their boxes are averaged by their
// scores. A cut piece that lies in another thing of its class belongs to it, and two cut pieces of one thing are
// united; so an object on the edge of a window is found once, whichever window saw most of it.
std::vector<Detection> merged(std::vector<Piece> pieces, const DetectOptions& how, std::size_t most);

}  // namespace pixmill::tasks
