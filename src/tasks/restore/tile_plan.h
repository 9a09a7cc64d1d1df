// How a picture is covered by tiles of one size: planned once, as data.
#pragma once

#include <cstddef>
#include <vector>

#include "pixmill/core/image.h"

namespace pixmill::tasks {

// Pixels of one side of a picture, from `from` to before `to`.
struct Span {
  int from = 0, to = 0;

  int length() const { return to - from; }
  bool operator==(const Span&) const = default;
};

// What a model asks of its tiles.
struct TileRules {
  Size tile;         // its input: at most, or, where `fixed`, always
  int multiple = 1;  // of its sides; tiles start at multiples of it too, so that its grid is that of the whole picture
  int overlap = 0;   // pixels that neighbours share, at least; no more than half a tile is used
  int margin = 0;    // input pixels at each edge that the output does not cover
  bool fixed = false;
};

// One side of a picture. Every pixel lies in one tile or two; where it lies in two, their weights sum to one.
struct TileAxis {
  int length = 0;            // of the picture
  int tile = 0;              // of a model's input
  int margin = 0;            // see TileRules
  std::vector<int> starts;   // of the inputs. What lies outside of the picture is reflected
  std::vector<Span> joints;  // between neighbours: in it one takes over from the other

  std::size_t tiles() const { return starts.size(); }
  Span part(std::size_t i) const;                                       // of the picture, that tile i has a share in
  int covered_from(std::size_t i) const { return starts[i] + margin; }  // where the output of tile i begins
  // A weight for each pixel of part(i), enlarged by `factor`: raised cosines in the joints, else 1.
  std::vector<float> weights(std::size_t i, int factor) const;
};

// The tiles are all pairs of a column and a row.
struct TilePlan {
  TileAxis columns, rows;

  std::size_t tiles() const { return columns.tiles() * rows.tiles(); }
  Size tile() const { return {columns.tile, rows.tile}; }
  // Pixels that the model is given for each pixel of the picture: 1 without any overlap.
  double work() const;
};

// As few tiles as cover the picture, of one size, evenly apart, so that none is there twice. Where the size is not
// fixed, they are no larger than that takes. Throws Error{usage} where a tile has nothing but margins.
TilePlan plan_tiles(Size picture, const TileRules& rules);

// The pixel that stands for `position` of a side of `length`: itself, or, outside, its mirror image about the first or
// last pixel; as often as it takes.
int reflected(int position, int length);

}  // namespace pixmill::tasks
