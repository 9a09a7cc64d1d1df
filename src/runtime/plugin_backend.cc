// Sessions of the backends that live in shared libraries beside the program: OpenCV's DNN module and LibTorch.
#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/platform/trusted_path.h"
#include "runtime/backend_session.h"
#include "runtime/hardware.h"
#include "runtime/names.h"
#include "runtime/plugin.h"
#include "runtime/pool.h"
#include "runtime/ports.h"

namespace pixmill::runtime {
namespace {

struct PluginFacts {
  const char* name;    // of the backend
  const char* vendor;  // in messages
  const char* file;    // of the library
};
constexpr PluginFacts kOpenCv = {"opencv", "OpenCV", "libpixmill-opencv.so"};
constexpr PluginFacts kLibTorch = {"libtorch", "LibTorch", "libpixmill-libtorch.so"};

struct OpenedPlugin {
  const Plugin* plugin = nullptr;
  std::string path;
  std::string reason;  // why it is missing
};

// Who can replace the program needs no plugin to get in.
std::optional<uid_t> owner_of_program() {
  struct stat status {};
  return ::stat("/proc/self/exe", &status) == 0 ? std::optional(status.st_uid) : std::nullopt;
}

OpenedPlugin open_plugin(const PluginFacts& facts) {
  OpenedPlugin opened;
  for (const char* folder : {"/", "/../lib/pixmill/"}) {
    const std::string path = folder_of_program() + folder + facts.file;
    if (::access(path.c_str(), F_OK) != 0) continue;
    if (const auto refused = platform::refusal_of(path, owner_of_program())) {
      opened.reason = refused->message() + "; " + refused->hint();
      continue;
    }
    void* const library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) {
      opened.reason = dlerror();
      continue;
    }
    const auto entry = reinterpret_cast<decltype(&pixmill_backend_plugin)>(dlsym(library, "pixmill_backend_plugin"));
    const Plugin* plugin = entry == nullptr ? nullptr : entry();
    if (plugin != nullptr && plugin->interface == kPluginInterface) return {plugin, path, {}};
    opened.reason = path + " belongs to another build of pixmill";
    dlclose(library);
  }
  if (opened.reason.empty()) opened.reason = "this pixmill was built without " + std::string(facts.vendor);
  return opened;
}

// Opened once, when it is first needed, and never closed.
template <const PluginFacts& facts>
const OpenedPlugin& opened_plugin() {
  static const auto* const opened = new OpenedPlugin(open_plugin(facts));
  return *opened;
}

class PluginSession final : public BackendSession {
 public:
  PluginSession(const Plugin& plugin, const PluginFacts& facts, const LoadRequest& request,
                std::vector<std::string> warnings)
      : BackendSession(request, std::move(warnings)), vendor_(facts.vendor) {
    try {
      const PluginModel model{request.model.name, request.model.bytes, signature_, request.file.producers,
                              request.placement.threads};
      for (auto& net : plugin.load(model, request.placement.streams)) nets_.add(std::move(net));
      try_once(request);
    } catch (const std::exception& error) {
      throw load_error(request, facts.vendor, error.what());
    }
    info_.placement = {{std::string(request.provider.name), static_cast<int>(request.file.nodes)}};
    info_.precision = Precision::fp32;
    loaded(request);
  }

 private:
  using Net = std::unique_ptr<PluginNet>;

  std::vector<Tensor> infer(const Inputs& inputs, const std::vector<int>& indices) override {
    std::vector<const Tensor*> given;
    for (std::size_t i = 0; i < inputs.size(); ++i) given.push_back(&inputs[i]);
    try {
      return (*Pool<Net>::Lease(nets_))->run(given, indices);
    } catch (const std::exception& error) {
      throw vendor_error(ErrorCode::internal, "inference failed in " + vendor_, error.what());
    }
  }

  // These vendors find out at the first inference only what they cannot do: so it is made while the model is loaded,
  // where all its shapes are known. Throws what run() throws.
  void try_once(const LoadRequest& request) {
    std::vector<Tensor> zeros;
    std::vector<const Tensor*> given;
    for (const Port& port : signature_.inputs) {
      std::vector<std::int64_t> shape = port.shape;
      const bool promised = zeros.empty() && request.placement.shape.size() == shape.size();
      for (std::size_t d = 0; d < shape.size(); ++d) {
        if (shape[d] < 0) shape[d] = promised ? request.placement.shape[d] : d == 0 ? 1 : -1;
        if (shape[d] < 0) return;
      }
      Tensor& input = zeros.emplace_back(std::move(shape), port.type);
      std::fill_n(input.data(), input.bytes(), std::byte{0});
    }
    for (const Tensor& input : zeros) given.push_back(&input);
    const std::vector<Tensor> outputs = (*Pool<Net>::Lease(nets_))->run(given, {});
    if (request.file.format == FileFormat::torchscript) describe_outputs(outputs);
  }

  // A TorchScript file does not say what comes out of it.
  void describe_outputs(const std::vector<Tensor>& outputs) {
    signature_.outputs.clear();
    for (const Tensor& output : outputs) {
      std::vector<std::int64_t> shape = output.shape();
      if (!shape.empty()) shape.front() = -1;
      const std::size_t rank = shape.size();
      signature_.outputs.push_back({"output " + std::to_string(signature_.outputs.size()), output.type(),
                                    std::move(shape), std::vector<std::string>(rank)});
    }
  }

  std::string vendor_;
  Pool<Net> nets_;
};

template <const PluginFacts& facts>
BackendStatus status() {
  const OpenedPlugin& opened = opened_plugin<facts>();
  BackendStatus status;
  status.name = facts.name;
  if (opened.plugin == nullptr) {
    status.reason = missing(provider_of(facts.name), opened.reason).reason;
  } else {
    status.version = opened.plugin->version;
    status.library = opened.path;
  }
  return status;
}

template <const PluginFacts& facts>
Availability probe_provider(const Provider& provider) {
  const OpenedPlugin& opened = opened_plugin<facts>();
  if (opened.plugin == nullptr) return missing(provider, opened.reason);
  return {.available = true, .precisions = {Precision::fp32}};
}

template <const PluginFacts& facts>
std::shared_ptr<Session> load(const LoadRequest& request, std::vector<std::string> warnings) {
  return std::make_shared<PluginSession>(*opened_plugin<facts>().plugin, facts, request, std::move(warnings));
}

}  // namespace

const Backend kOpenCvBackend = {kOpenCv.name, status<kOpenCv>, probe_provider<kOpenCv>, load<kOpenCv>, true};
const Backend kLibTorchBackend = {kLibTorch.name, status<kLibTorch>, probe_provider<kLibTorch>, load<kLibTorch>, true};

}  // namespace pixmill::runtime
