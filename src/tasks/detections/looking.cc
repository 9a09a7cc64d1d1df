#include "tasks/detections/looking.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "pixmill/core/quality.h"
#include "pixmill/tasks/model_input.h"
#include "tasks/detections/finding.h"
#include "tasks/detections/panorama.h"
#include "tasks/detections/slices.h"
#include "tasks/detections/sphere.h"

namespace pixmill::tasks {
namespace {

// A picture that was made smaller while it was read is so many times larger than what the model sees. Measured with
// models whose resize is antialiased: at 2 all boxes of YOLOX stay within half a pixel of the input, and 9 of 10 of
// NanoDet; at 1 not. With OpenCV's bilinear resize, which leaves pixels out, boxes move by up to 8 pixels at any
// factor.
constexpr int kSpare = 2;

// Windows are asked for a few ahead of the one whose answer is read.
class Windows {
 public:
  Windows(ImageView picture, Context& context, const DetectOptions& options, const Look& look)
      : picture_(picture),
        context_(context),
        look_(look),
        all_(windows(picture.size(), options.slice, options.slice_overlap)) {}

  // Adds what was seen in them to `pieces`.
  void look(std::vector<Piece>& pieces) {
    std::deque<Pending> waiting;
    std::size_t asked = 0;
    for (const Rect& window : all_) {
      for (; asked < all_.size() && waiting.size() < kWindowsAtOnce; ++asked) {
        const ImageView pixels = picture_.crop(all_[asked]);
        waiting.push_back(context_.infer(0, look_.inputs(pixels, pixels.size())));
      }
      std::vector<Tensor> outputs = waiting.front().get();
      waiting.pop_front();
      for (Detection& seen : look_.things(std::move(outputs), {window.width, window.height}).found) {
        Piece piece{moved(std::move(seen), window, picture_.size())};
        piece.cut = is_cut(piece.thing.box, window, picture_.size());
        pieces.push_back(std::move(piece));
      }
    }
  }

  bool any() const { return !all_.empty(); }

 private:
  const ImageView picture_;
  Context& context_;
  const Look& look_;
  const std::vector<Rect> all_;
};

}  // namespace

Detections look_at(Image picture, Context& context, const DetectOptions& options, const Look& look) {
  const Size full = context.full_size().value_or(picture.size());
  picture = as_rgb8(std::move(picture));
  const Measured measured = measure_quality(picture);
  if (options.equirect) {
    Detections found = look_around(std::move(picture), full, context, options, look);
    found.quality = {measured.sharpness, measured.brightness};
    return found;
  }
  Pending whole = context.infer(0, look.inputs(picture, full));
  std::vector<Piece> pieces;
  bool sliced = false;
  if (options.slice > 0) {
    Windows windows(picture, context, options, look);
    windows.look(pieces);
    sliced = windows.any();
  }
  picture = {};  // nothing but its size is needed while the model runs
  Detections found = look.things(whole.get(), full);
  if (sliced) {
    for (Detection& thing : found.found) pieces.push_back({std::move(thing)});
    found.found = merged(std::move(pieces), options, kKeptBoxes);
  }
  found.quality = {measured.sharpness, measured.brightness};
  return found;
}

int input_side(const models::InputSpec& input) {
  constexpr int kSquare = 1024;
  const Size size = place_input({kSquare, kSquare}, input).input;
  return std::max(size.width, size.height);
}

Size least_for(Size picture, const models::InputSpec& input, const DetectOptions& options) {
  if (options.equirect) {
    const int width = std::min(picture.width, kSpare * width_for(input_side(input)));
    return {width, std::min(picture.height, (width + 1) / 2)};
  }
  const bool antialiased = input.filter != Filter::linear && input.filter != Filter::nearest;
  if (options.slice > 0 || !(antialiased || options.fast_decode)) return picture;
  const Rect& content = place_input(picture, input).content;
  const double longest = std::max(picture.width, picture.height);
  const double for_quality = std::min(1.0, kMeasuredSide / longest);
  const auto least = [&](int side, int seen) {
    return std::min(side, std::max(kSpare * seen, static_cast<int>(std::ceil(side * for_quality))));
  };
  return {least(picture.width, content.width), least(picture.height, content.height)};
}

}  // namespace pixmill::tasks
