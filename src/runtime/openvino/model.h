// OpenVINO's core, compiling, and reading back what was compiled.
#pragma once

#include <openvino/openvino.hpp>
#include <string>
#include <vector>

#include "pixmill/core/tensor.h"
#include "runtime/backends.h"

namespace pixmill::runtime {

std::string openvino_version();  // "2026.4.1"
std::string openvino_library();  // path

struct OpenVinoDevice {
  std::string name;   // "CPU", "GPU.0"
  std::string title;  // "Intel(R) Arc(TM) ..."
};
std::vector<OpenVinoDevice> openvino_devices();  // throws ov::Exception

// Throws ov::Exception; Error{usage} for an option that the device does not take.
ov::CompiledModel compile_model(const LoadRequest& request);

// Those of a compiled model that matter, and those that the user gave, as OpenVINO reports them.
ProviderOptions options_of(const ov::CompiledModel& model, const LoadRequest& request);

// What the plugin made of a model.
struct ExecutedModel {
  int nodes = 0;
  Precision precision = Precision::fp32;  // of the nodes that do the work
};
ExecutedModel executed_model(const ov::CompiledModel& model);

// The tensor's memory as OpenVINO sees it; borrowed, never written through it.
ov::Tensor borrowed(const Tensor& tensor);

// Throws Error{bad_model} when the elements are of a type that no Tensor holds.
Tensor copied(const ov::Tensor& tensor, const Port& port);

}  // namespace pixmill::runtime
