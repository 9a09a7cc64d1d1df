// What an ONNX file says of itself, read from its bytes without any runtime.
#pragma once

#include <string>

#include "pixmill/core/tensor.h"
#include "pixmill/runtime/session.h"

namespace pixmill::runtime {

struct ModelFile {
  ModelSignature signature;
  Precision precision = Precision::fp32;  // int8: quantised; fp16: most weights are halves
  std::size_t nodes = 0;                  // of the outermost graph
  std::int64_t opset = 0;                 // of the standard domain
};

// Throws Error{bad_model}: not ONNX (and what it is instead, where that can be seen), damaged, without a graph, or with
// its weights in other files.
ModelFile read_model_file(const ModelSource& model);

}  // namespace pixmill::runtime
