// The tiles of one picture, run through a model.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/models/model_card.h"
#include "pixmill/tasks/task.h"
#include "tasks/restore/tile_input.h"
#include "tasks/restore/tile_plan.h"

namespace pixmill::tasks {

// How a model is asked.
struct TileModel {
  const models::ModelCard& card;
  TileRules rules;
  bool apart = false;   // a model of one channel gets red, green and blue, each on its own
  bool turned = false;  // eight times, mirrored and turned; the average is the answer

  int factor() const { return card.output.factor; }
  int channels() const { return apart ? 3 : 1; }  // that are asked for each on its own
  int planes() const { return apart || card.input.color != models::Color::luma ? 3 : 1; }
};

// Answers in the order of the plan, rows of tiles from the top, each from left. Asks ahead, so that batches fill, but
// for no more tiles than fit into a bound of memory. A tile that comes back black or with values that are no numbers
// is asked for once more. Where a device has no memory for a tile, it is made of tiles half as large, and where it has
// none for the smallest ones, the rest is made on the CPU. Borrows all that it is given.
class Tiles {
 public:
  Tiles(Context& context, const TileModel& model, ImageView picture, const TilePlan& plan);

  // Throws Error: what the inference throws, bad_model (the output does not fit, is black or not finite twice).
  Planes next();

 private:
  struct Asked {
    Rect window;
    std::vector<Pending> pending;
    bool on_cpu = false;
  };

  Rect window_of(std::size_t tile) const;
  Asked ask(const Rect& window);
  Planes answer(Asked asked);
  Planes run(const Rect& window);
  Planes in_parts(const Rect& window);
  Planes without_device(const Rect& window);
  Planes read(Asked& asked) const;
  Planes read_turn(std::span<Pending> pending, Size given) const;
  bool is_bad(const Planes& planes, ImageView window) const;
  Size covered(Size tile) const;

  Context& context_;
  const TileModel& model_;
  const ImageView picture_;
  const TilePlan& plan_;
  const std::size_t ahead_;  // tiles
  std::deque<Asked> asked_;
  std::size_t next_ = 0;  // to ask for
  std::size_t given_ = 0;
  bool halved_ = false;  // some tile was, for lack of memory
  bool on_cpu_ = false;  // the device has none even for small ones
};

inline constexpr int kTurns = 8;

// The pixels mirrored (bit 0: left and right, bit 1: top and bottom) and then transposed (bit 2).
Image turned(ImageView picture, int how);
// The planes of a picture that was turned(), as of the picture itself.
Planes turned_back(const Planes& planes, int how);

}  // namespace pixmill::tasks
