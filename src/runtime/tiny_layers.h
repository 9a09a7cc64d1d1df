// Layers of the small networks that pixmill tries devices with: weights, and tensors that pass through integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pixmill/runtime/tiny_model.h"

namespace pixmill::runtime::tiny {

// So many numbers from -reach to reach, the same everywhere.
std::vector<float> numbers(std::size_t count, std::uint32_t seed, double reach);

// Adds the nodes that turn `name` into `name`_q through unsigned integers: steps of `step` from zero.
void add_quantised(Graph& graph, const std::string& name, float step);

// Adds weights under `name`: as they are, or as signed integers and the node that turns them back.
void add_weights(Graph& graph, const std::string& name, const std::vector<std::int64_t>& shape,
                 const std::vector<float>& values, bool quantised);

}  // namespace pixmill::runtime::tiny
