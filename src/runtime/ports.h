// Inputs and outputs of a session, checked and converted alike for every backend.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pixmill/core/tensor.h"

namespace pixmill::runtime {

// The tensors of one call as the model takes them: borrowed, or converted to the model's half precision.
class Inputs {
 public:
  // Throws Error{usage} that names the port, what it wants and what it got.
  Inputs(const ModelSignature& signature, std::span<const Tensor* const> given);

  std::size_t size() const { return tensors_.size(); }
  const Tensor& operator[](std::size_t i) const { return *tensors_[i]; }

 private:
  std::vector<Tensor> converted_;
  std::vector<const Tensor*> tensors_;
};

// `wanted`, or all outputs when it is empty. Throws Error{usage} for an index that does not exist.
std::vector<int> wanted_outputs(const ModelSignature& signature, std::span<const int> wanted);

// Takes over what a runtime knows of a port beyond the file: `known` extents (-1: open), empty for a scalar and where
// even the rank is unknown, as it is to ONNX Runtime where the file declares another rank than the nodes make. Of two
// ranks the runtime's holds, and the file's names of dimensions go: there are always as many names as extents.
void refine(Port& port, std::span<const std::int64_t> known);

// The shape that `output` will have given these inputs: empty where a dimension can only be known by running.
std::vector<std::int64_t> expected_shape(const Port& output, const ModelSignature& signature, const Inputs& inputs);

// What the caller gets of an output: half precision becomes f32, all else stays.
Tensor finished(Tensor output);

std::string text_of(std::span<const std::int64_t> shape);  // "1x3x?x?", "scalar"

}  // namespace pixmill::runtime
