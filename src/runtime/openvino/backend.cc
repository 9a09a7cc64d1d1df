// The backend of OpenVINO: fast on CPUs with bf16, and the one for Intel's GPUs and NPUs.
#include <algorithm>
#include <optional>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/runtime/setup.h"
#include "runtime/backend_session.h"
#include "runtime/hardware.h"
#include "runtime/openvino/model.h"
#include "runtime/openvino/profile.h"
#include "runtime/pool.h"
#include "runtime/ports.h"

namespace pixmill::runtime {
namespace {

class OpenVinoSession final : public BackendSession {
 public:
  OpenVinoSession(const LoadRequest& request, std::vector<std::string> warnings)
      : BackendSession(request, std::move(warnings)), profile_(request.placement.profile) {
    try {
      compiled_ = compile_model(request);
      if (std::string warning = engine_place().warning; !warning.empty()) info_.warnings.push_back(std::move(warning));
      match_ports();
      for (int i = 0; i < request.placement.streams; ++i) requests_.add(compiled_.create_infer_request());
      const ExecutedModel executed = executed_model(compiled_);
      info_.placement = {{std::string(request.provider.name), executed.nodes}};
      info_.precision = executed.precision;
      info_.options = options_of(compiled_, request);
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      throw load_error(request, "OpenVINO", error.what());
    }
    loaded(request);
  }

 private:
  // OpenVINO may order or drop inputs as it likes: its ports are found by name. Outputs keep their order.
  void match_ports() {
    for (Port& port : signature_.inputs) {
      const auto& compiled = compiled_.inputs();
      const auto found = std::find_if(compiled.begin(), compiled.end(),
                                      [&](const auto& input) { return input.get_names().contains(port.name); });
      input_ports_.push_back(found == compiled.end() ? std::nullopt : std::optional(*found));
      if (found != compiled.end()) refine(port, *found);
    }
    output_ports_ = compiled_.outputs();
    for (std::size_t i = 0; i < signature_.outputs.size(); ++i) refine(signature_.outputs[i], output_ports_.at(i));
  }

  static void refine(Port& port, const ov::Output<const ov::Node>& compiled) {
    const ov::PartialShape& shape = compiled.get_partial_shape();
    if (shape.rank().is_dynamic()) return;
    std::vector<std::int64_t> known;
    for (const ov::Dimension& extent : shape) known.push_back(extent.is_static() ? extent.get_length() : -1);
    runtime::refine(port, known);
  }

  // The inputs are read where they lie. Outputs are copied out: a request must not keep a pointer to memory that the
  // caller owns, and they are small beside the time of an inference.
  std::vector<Tensor> infer(const Inputs& inputs, const std::vector<int>& indices) override try {
    Pool<ov::InferRequest>::Lease request(requests_);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (input_ports_[i]) request->set_tensor(*input_ports_[i], borrowed(inputs[i]));
    }
    request->infer();
    if (profile_.on()) profile_.add(request->get_profiling_info());
    std::vector<Tensor> outputs;
    for (const int index : indices) {
      const auto i = static_cast<std::size_t>(index);
      outputs.push_back(copied(request->get_tensor(output_ports_[i]), signature_.outputs[i]));
    }
    return outputs;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw vendor_error(ErrorCode::internal, "inference failed in OpenVINO", error.what());
  }

  OpenVinoProfile profile_;
  ov::CompiledModel compiled_;
  std::vector<std::optional<ov::Output<const ov::Node>>> input_ports_;  // empty: the graph does not use that input
  std::vector<ov::Output<const ov::Node>> output_ports_;
  Pool<ov::InferRequest> requests_;
};

BackendStatus status() {
  BackendStatus status;
  status.name = "openvino";
  status.version = openvino_version();
  status.library = openvino_library();
  return status;
}

std::vector<Precision> precisions_of(const Provider& provider) {
  return provider.name == "CPU" ? cpu_precisions() : std::vector{Precision::fp32, Precision::fp16, Precision::int8};
}

Availability probe_provider(const Provider& provider) {
  try {
    for (const OpenVinoDevice& device : openvino_devices()) {
      if (device.name != provider.name && !device.name.starts_with(std::string(provider.name) + ".")) continue;
      return {.available = true, .reason = {}, .hardware = device.title, .precisions = precisions_of(provider)};
    }
  } catch (const std::exception& error) {
    return missing(provider,
                   vendor_error(ErrorCode::no_device, "OpenVINO cannot look for devices", error.what()).message());
  }
  if (const Obstacles obstacles = missing_libraries(provider); !obstacles.empty()) return obstacles.told();
  return missing(provider, "OpenVINO sees no " + std::string(provider.name) + " here");
}

std::shared_ptr<Session> load(const LoadRequest& request, std::vector<std::string> warnings) {
  return std::make_shared<OpenVinoSession>(request, std::move(warnings));
}

}  // namespace

const Backend kOpenVinoBackend = {"openvino", status, probe_provider, load};

}  // namespace pixmill::runtime
