// What tiles cost a model on this machine, by their size: measured once, stored, read by every job.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pixmill/models/model_card.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/session.h"

namespace pixmill::pipeline {

std::filesystem::path tile_cost_file(const platform::Home& home);  // in the state folder

// Runs square tiles of zeros, each with twice the side of the one before, until the next one would take long; about a
// second at most for models of which a tile of 64 pixels takes less. `shape`: of the one input, f32, four dimensions of
// which `first` and the next one are the sides; `multiple`: that the sides must have. Fewer where the session fails;
// nothing else may run meanwhile. Never throws Error.
std::vector<models::TileCost> measure_tiles(runtime::Session& session, std::vector<std::int64_t> shape,
                                            std::size_t first, int multiple);

// The stored costs, else those that `measure` finds, stored. `engine`: all that they depend on beside the machine:
// content of the model, backend, device, precision, streams, threads.
std::vector<models::TileCost> known_tile_costs(const platform::Home& home, const std::string& engine,
                                               const std::function<std::vector<models::TileCost>()>& measure);

}  // namespace pixmill::pipeline
