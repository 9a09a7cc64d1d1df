// The signature and other facts of a model file, read from its bytes without any runtime.
#pragma once

#include <string>
#include <vector>

#include "pixmill/core/tensor.h"
#include "pixmill/runtime/session.h"

namespace pixmill::runtime {

enum class FileFormat { onnx, torchscript };

struct ModelFile {
  FileFormat format = FileFormat::onnx;
  ModelSignature signature;
  Precision precision = Precision::fp32;  // int8: quantised; fp16: most weights are halves
  // The int8 arithmetic stands as operators of its own (ConvInteger, QLinearConv), not as pairs of QuantizeLinear and
  // DequantizeLinear around those of fp32.
  bool integer_operators = false;
  bool signed_integers = false;        // ... and some of its convolutions have signed weights
  std::size_t nodes = 0;               // of the outermost graph
  std::int64_t opset = 0;              // of the standard domain
  std::vector<std::string> producers;  // per output: the node that makes it, "" where it has no name
};

// A TorchScript archive is known by its parts, and says nothing of its ports: one picture in, any output.
// Throws Error{bad_model}: neither (and what it is instead, where that can be seen), damaged, without a graph, or with
// its weights in other files.
ModelFile read_model_file(const ModelSource& model);

}  // namespace pixmill::runtime
