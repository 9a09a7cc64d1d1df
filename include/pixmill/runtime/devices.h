// What this machine can run models on, and why not on the rest.
#pragma once

#include <string>
#include <vector>

#include "pixmill/runtime/session.h"

namespace pixmill::runtime {

// One row of the provider table, probed on this machine.
struct DeviceStatus {
  std::string id;           // what the user types: "cpu", "cuda", "openvino:GPU"
  std::string title;        // "NVIDIA GPU through CUDA"
  std::string backend;      // "onnxruntime", "openvino"
  std::string provider;     // the runtime's own name: "CUDAExecutionProvider"
  std::string requirement;  // what it needs, in words
  bool available = false;
  std::string reason;                 // why not, and what would bring it; empty when available
  std::string hardware;               // "AMD EPYC ..., 2 cores" where known
  std::vector<Precision> precisions;  // that run natively fast there
};

// Every known device, available or not, best first. Probing loads the runtimes once (tens of milliseconds).
std::vector<DeviceStatus> devices();

// The device that "auto" takes among the available ones.
std::string recommended_device();

struct BackendStatus {
  std::string name;
  std::string version;  // empty when not there
  std::string library;  // path of the loaded library
  std::string reason;   // why not there
};
std::vector<BackendStatus> backends();

// Cores this process may use: affinity mask and cgroup quota heeded.
int usable_cores();

}  // namespace pixmill::runtime
