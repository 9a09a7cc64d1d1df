// Which tiles a picture is made of, where nobody says it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pixmill/models/model_card.h"
#include "tasks/restore/tile_plan.h"

namespace pixmill::tasks {

// Bytes that one inference of a tile takes, by what was measured; 0: not known.
std::int64_t tile_bytes(const models::TileCosts& costs, Size tile);

// Tiles of a picture that are asked for before the first of them is used, so that batches fill. `turned`: each of them
// kTurns times.
std::size_t tiles_ahead(Size tile, int factor, bool turned);

// Bytes of a plan's work beside its inferences: the floats of a row of tiles of the result, which is `factor` times as
// large as the picture, and the tensors of the tiles ahead.
std::int64_t bytes_held(const TilePlan& plan, int factor, bool turned);

// The largest tile of the fastest plan for `picture`: larger tiles overlap less, and one that is the whole picture not
// at all. Of those whose inference fits into the memory of `costs`, and whose bytes_held(), with as few tiles ahead as
// may be, fit into half of it; where none does, the smallest. Of plans that differ little, that of smaller tiles. Where
// memory was not measured, no tile is larger than a measured one. Without any cost: rules.tile.
Size choose_tile(Size picture, const TileRules& rules, const models::TileCosts& costs, int factor, bool turned = false);

}  // namespace pixmill::tasks
