// Which tiles a picture is made of, where nobody says it.
#pragma once

#include <cstdint>

#include "pixmill/models/model_card.h"
#include "tasks/restore/tile_plan.h"

namespace pixmill::tasks {

// Bytes that one inference of a tile takes, by what was measured; 0: not known.
std::int64_t tile_bytes(const models::TileCosts& costs, Size tile);

// The largest tile of the fastest plan for `picture`: larger tiles overlap less, and one that is the whole picture not
// at all. Of those whose inference fits into the memory of `costs`, and of which a row of the result, `factor` times as
// large as the picture, fits into half of it; where none does, the smallest. Of plans that differ little, that of
// smaller tiles. Where memory was not measured, no tile is larger than a measured one. Without any cost: rules.tile.
Size choose_tile(Size picture, const TileRules& rules, const models::TileCosts& costs, int factor);

}  // namespace pixmill::tasks
