#include "runtime/ports.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "pixmill/core/error.h"
#include "pixmill/core/half.h"
#include "runtime/names.h"

namespace pixmill::runtime {
namespace {

std::string described(ElementType type, std::span<const std::int64_t> shape) {
  return std::string(name_of(type)) + " " + text_of(shape);
}

// A port without dimensions is a scalar or of a rank that the model does not declare: anything may fit.
bool fits(const std::vector<std::int64_t>& declared, const std::vector<std::int64_t>& shape) {
  return declared.empty() || std::equal(declared.begin(), declared.end(), shape.begin(), shape.end(),
                                        [](std::int64_t want, std::int64_t have) { return want < 0 || want == have; });
}

// To the nearest, ties to even; what does not fit becomes 0 or 255.
Tensor to_bytes(const Tensor& tensor) {
  Tensor bytes(tensor.shape(), ElementType::u8);
  const std::span<const float> from = tensor.as<float>();
  std::transform(from.begin(), from.end(), bytes.as<std::uint8_t>().begin(), [](float value) {
    return static_cast<std::uint8_t>(std::nearbyint(std::min(std::max(value, 0.0F), 255.0F)));
  });
  return bytes;
}

Tensor converted(const Tensor& tensor, ElementType type) {
  return type == ElementType::u8 ? to_bytes(tensor) : to_half(tensor, type);
}

void check(const Port& port, const Tensor& given) {
  const bool converts = given.type() == ElementType::f32 && (is_half(port.type) || port.type == ElementType::u8);
  if (fits(port.shape, given.shape()) && (given.type() == port.type || converts)) {
    if (given.bytes() == static_cast<std::size_t>(given.size()) * bytes_of(given.type())) return;
    throw Error(ErrorCode::usage, "input '" + port.name + "' is an empty tensor");
  }
  throw Error(ErrorCode::usage,
              "input '" + port.name + "' wants " + described(port.type, port.shape) + ", got " +
                  described(given.type(), given.shape()),
              "the card's input size, layout and type must be those of the model");
}

}  // namespace

Inputs::Inputs(const ModelSignature& signature, std::span<const Tensor* const> given) {
  if (given.size() != signature.inputs.size()) {
    throw Error(ErrorCode::usage, "the model takes " + std::to_string(signature.inputs.size()) + " inputs, got " +
                                      std::to_string(given.size()));
  }
  converted_.reserve(given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Port& port = signature.inputs[i];
    const Tensor& tensor = *given[i];
    check(port, tensor);
    tensors_.push_back(tensor.type() == port.type ? &tensor : &converted_.emplace_back(converted(tensor, port.type)));
  }
}

std::vector<int> wanted_outputs(const ModelSignature& signature, std::span<const int> wanted) {
  const int count = static_cast<int>(signature.outputs.size());
  if (wanted.empty()) {
    std::vector<int> all(signature.outputs.size());
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  for (const int index : wanted) {
    if (index < 0 || index >= count) {
      throw Error(ErrorCode::usage,
                  "output " + std::to_string(index) + " was requested, the model has " + std::to_string(count));
    }
  }
  return {wanted.begin(), wanted.end()};
}

void refine(Port& port, std::span<const std::int64_t> known) {
  if (known.size() != port.shape.size()) {
    port.shape.assign(known.begin(), known.end());
    port.dimension_names.clear();
  }
  port.dimension_names.resize(port.shape.size());
  for (std::size_t d = 0; d < known.size(); ++d) {
    if (port.shape[d] < 0) port.shape[d] = known[d];
  }
}

std::vector<std::int64_t> expected_shape(const Port& output, const ModelSignature& signature, const Inputs& inputs) {
  std::vector<std::int64_t> shape = output.shape;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] >= 0) continue;
    const std::string name = d < output.dimension_names.size() ? output.dimension_names[d] : "";
    if (name.empty()) return {};
    for (std::size_t i = 0; i < inputs.size() && shape[d] < 0; ++i) {
      const auto& names = signature.inputs[i].dimension_names;
      const auto same = std::find(names.begin(), names.end(), name);
      const auto at = static_cast<std::size_t>(same - names.begin());
      if (same != names.end() && at < inputs[i].shape().size()) shape[d] = inputs[i].shape()[at];
    }
    if (shape[d] < 0) return {};
  }
  return shape;
}

Tensor finished(Tensor output) {
  return is_half(output.type()) ? to_single(output) : std::move(output);
}

std::string text_of(std::span<const std::int64_t> shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (const std::int64_t extent : shape) {
    add_to(text, extent < 0 ? "?" : std::to_string(extent), "x");
  }
  return text;
}

}  // namespace pixmill::runtime
