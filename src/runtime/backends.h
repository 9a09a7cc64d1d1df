// The libraries that run models. A new one is a .cc file and a row of the table in backends.cc.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/runtime/devices.h"
#include "pixmill/runtime/model_file.h"
#include "pixmill/runtime/session.h"
#include "runtime/providers.h"

namespace pixmill::runtime {

// A model that shall become a session on one provider.
struct LoadRequest {
  const ModelSource& model;
  const ModelFile& file;
  const Provider& provider;
  Placement placement;
};

struct Backend {
  std::string_view name;
  BackendStatus (*status)();
  Availability (*probe)(const Provider& provider);
  // Throws Error: bad_model, no_device, out_of_memory.
  std::shared_ptr<Session> (*load)(const LoadRequest& request, std::vector<std::string> warnings);
  // Taken by those who name it, never by "auto". All of the above open a library of hundreds of megabytes.
  bool on_request = false;
};

// What this pixmill knows, the reference first. Not each need be there: see Backend::status.
std::span<const Backend> known_backends();

// Null when there is none of that name.
const Backend* find_backend(std::string_view name);

// "; onnxruntime 1.31.1; openvino 2026.4.1": those that "auto" takes. The others were built together with pixmill, and
// every job would pay for opening them.
std::string backend_versions();

// One per backend, each in its own file.
extern const Backend kOnnxRuntimeBackend;
#ifdef PIXMILL_WITH_OPENVINO
extern const Backend kOpenVinoBackend;
#endif
extern const Backend kOpenCvBackend;
extern const Backend kLibTorchBackend;

// What a user calls the place: "cpu", "cuda:1".
std::string device_name(const Provider& provider, const Placement& placement);

// Shared by them: the info of a session as requested, before the backend adds what the runtime reports.
SessionInfo described(const LoadRequest& request, std::vector<std::string> warnings);

// Adds the warning that the model runs in another precision than `asked`, if it does.
void warn_of_precision(SessionInfo& info, Precision asked);

// An Error from a vendor's message: out_of_memory when it mentions memory, else `code`.
// `doing`: "inference failed in OpenVINO".
Error vendor_error(ErrorCode code, const std::string& doing, std::string_view words);

// The same for a model that a vendor does not load: bad_model, with what may help.
Error load_error(const LoadRequest& request, std::string_view vendor, std::string_view words);

}  // namespace pixmill::runtime
