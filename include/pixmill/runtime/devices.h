// The devices that can run models on this machine, and why the others cannot.
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
  std::string reason;                 // why not; empty when available
  std::string remedy;                 // what would bring it; empty where nothing does
  std::string hardware;               // "AMD EPYC ..., 2 cores" where known
  std::vector<Precision> precisions;  // that run natively fast there
};

// Every known device, available or not, best first. Probing loads the runtimes once (tens of milliseconds).
std::vector<DeviceStatus> devices();

// The same one at a time, for a caller who probes each in a process of its own. Throws Error{usage} for an unknown id.
std::vector<std::string> device_ids();
DeviceStatus device_status(std::string_view id);

// The device that "auto" takes among the available ones.
std::string recommended_device();

struct BackendStatus {
  std::string name;
  std::string version;                      // empty when missing
  std::string library;                      // path of the loaded library
  std::string reason;                       // why it is missing
  std::string remedy = {};                  // what would bring it
  std::string origin = {};                  // who named the library: "ONNXRUNTIME_LIB", "chosen", "built in", "system"
  std::string warning = {};                 // what was named and could not be used, and why
  std::vector<std::string> providers = {};  // that the library brings, by their own names
};
std::vector<BackendStatus> backends();

// All of this machine that the speed of a model depends on, in one line: processor and cores that may be used, what it
// has instructions for, GPU, versions of the backends that "auto" takes. Loads those.
std::string machine_text();

// Of one of them; only its name is filled in where pixmill knows none of that name.
BackendStatus backend_status(std::string_view name);

// An NVIDIA card, by the number that "cuda:0" means.
struct Gpu {
  int index = 0;
  std::string name;
  std::size_t memory_bytes = 0;
  std::string compute_capability;  // "9.0"
  std::string driver;              // "580.65.06"; empty where the system does not report it
};

// Those that the driver sees, asked once; none without a driver.
const std::vector<Gpu>& nvidia_gpus();

}  // namespace pixmill::runtime
