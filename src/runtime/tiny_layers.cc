#include "runtime/tiny_layers.h"

#include <algorithm>
#include <cmath>

namespace pixmill::runtime::tiny {

std::vector<float> numbers(std::size_t count, std::uint32_t seed, double reach) {
  std::vector<float> all(count);
  for (float& value : all) {
    seed = seed * 1664525U + 1013904223U;  // Numerical Recipes' linear congruential generator
    value = static_cast<float>((static_cast<double>(seed >> 8) * 0x1p-23 - 1.0) * reach);
  }
  return all;
}

void add_quantised(Graph& graph, const std::string& name, float step) {
  graph.weights.push_back(weight(name + "_step", {}, std::vector<float>{step}));
  graph.weights.push_back(weight(name + "_zero", {}, std::vector<std::uint8_t>{0}));
  graph.nodes.push_back(node("QuantizeLinear", {name, name + "_step", name + "_zero"}, {name + "_integers"}));
  graph.nodes.push_back(node("DequantizeLinear", {name + "_integers", name + "_step", name + "_zero"}, {name + "_q"}));
}

void add_weights(Graph& graph, const std::string& name, const std::vector<std::int64_t>& shape,
                 const std::vector<float>& values, bool quantised) {
  if (!quantised) {
    graph.weights.push_back(weight(name, shape, values));
    return;
  }
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  const float step = largest / 127;
  std::vector<std::int8_t> integers;
  for (const float value : values) integers.push_back(static_cast<std::int8_t>(std::lround(value / step)));
  graph.weights.push_back(weight(name + "_integers", shape, integers));
  graph.weights.push_back(weight(name + "_step", {}, std::vector<float>{step}));
  graph.weights.push_back(weight(name + "_zero", {}, std::vector<std::int8_t>{0}));
  graph.nodes.push_back(node("DequantizeLinear", {name + "_integers", name + "_step", name + "_zero"}, {name}));
}

}  // namespace pixmill::runtime::tiny
