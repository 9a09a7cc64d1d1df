// CUDA and TensorRT as providers of ONNX Runtime.
#pragma once

#include <string>

#include "runtime/providers.h"

namespace pixmill::runtime {

// Each adds itself to a session; see Provider::append. TensorRT brings CUDA along, for the nodes that it leaves.
ProviderOptions append_cuda(Ort::SessionOptions& options, const ProviderRequest& request);
ProviderOptions append_tensorrt(Ort::SessionOptions& options, const ProviderRequest& request);

// That an engine has to be built first, when none is kept for this model, card, driver and shape.
std::string tensorrt_announcement(const ProviderRequest& request);

}  // namespace pixmill::runtime
