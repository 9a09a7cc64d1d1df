// The reference backend: sessions of ONNX Runtime.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/runtime/setup.h"
#include "runtime/backend_session.h"
#include "runtime/content_hash.h"
#include "runtime/hardware.h"
#include "runtime/names.h"
#include "runtime/needed_libraries.h"
#include "runtime/onnxruntime/binding.h"
#include "runtime/onnxruntime/library.h"
#include "runtime/ports.h"

namespace pixmill::runtime {
namespace {

std::optional<ONNXTensorElementDataType> onnx_type(ElementType type) {
  switch (type) {
    case ElementType::f32: return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
    case ElementType::f16: return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16;
    case ElementType::bf16: return ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16;
    case ElementType::f64: return ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE;
    case ElementType::u8: return ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8;
    case ElementType::i8: return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8;
    case ElementType::u16: return ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16;
    case ElementType::i16: return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16;
    case ElementType::i32: return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32;
    case ElementType::i64: return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
    case ElementType::boolean: return ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL;
    case ElementType::other: return std::nullopt;
  }
  return std::nullopt;
}

// The tensor's memory as ONNX Runtime sees it; borrowed. Inputs are never written through it.
Ort::Value borrowed(const Tensor& tensor) {
  static const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  return Ort::Value::CreateTensor(memory, const_cast<std::byte*>(tensor.data()), tensor.bytes(), tensor.shape().data(),
                                  tensor.shape().size(), onnx_type(tensor.type()).value());
}

Tensor copied(const Ort::Value& value, const Port& port) {
  const auto type = onnx_type(port.type);
  if (!value.IsTensor() || !type || value.GetTensorTypeAndShapeInfo().GetElementType() != *type) {
    throw Error(ErrorCode::bad_model, "output '" + port.name + "' is not a tensor of " +
                                          (type ? std::string(name_of(port.type)) : std::string("numbers")));
  }
  Tensor tensor(value.GetTensorTypeAndShapeInfo().GetShape(), port.type);
  const auto* from = static_cast<const std::byte*>(value.GetTensorRawData());
  std::copy_n(from, tensor.bytes(), tensor.data());
  return tensor;
}

// What ONNX Runtime says for itself: its exception, and what it logged before it threw.
std::string words_of(const Ort::Exception& error, const LogReader& log) {
  std::string words = error.what();
  if (!log.errors().empty()) words += " (" + log.errors() + ")";
  return words;
}

// Returns the provider's options as the runtime reports them.
ProviderOptions add_provider(Ort::SessionOptions& options, const Provider& provider, const ProviderRequest& request) {
  const ProviderOptions& users = request.placement.options;
  if (provider.append == nullptr) {
    if (users.empty()) return {};
    throw Error(ErrorCode::usage,
                "--provider-option " + users.begin()->first + ": " + std::string(provider.title) + " takes no options",
                "name a device that does: --device cuda, tensorrt, openvino");
  }
  const LogReader log;
  try {
    return provider.append(options, request);
  } catch (const Ort::Exception& error) {
    const std::string words =
        vendor_error(ErrorCode::no_device, std::string(provider.id), words_of(error, log)).message();
    if (!users.empty() && error.GetOrtErrorCode() == ORT_INVALID_ARGUMENT)
      throw Error(ErrorCode::usage, "--provider-option: " + words, "--verbose shows the known options");
    throw Error(ErrorCode::no_device, words, std::string(provider.remedy));
  }
}

Ort::SessionOptions options_for(const LoadRequest& request) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(request.placement.threads);  // 1: no pool of threads at all
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ExecutionMode::ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(GraphOptimizationLevel::ORT_ENABLE_ALL);
  options.AddConfigEntry("session.intra_op.allow_spinning", "0");  // the cores belong to decoding as well
  // Memory patterns keep a block per shape besides the arena. Without them, two streams of u2netp need 570 MiB instead
  // of 780, six shapes of the starter 260 instead of 380, and neither is slower (measured).
  options.DisableMemPattern();
  // The placement of the nodes is reported in the log only, at this level; see LogReader.
  options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_VERBOSE);
  if (!request.placement.profile.empty()) options.EnableProfiling(request.placement.profile.c_str());
  return options;
}

class OnnxRuntimeSession final : public BackendSession {
 public:
  OnnxRuntimeSession(const LoadRequest& request, std::vector<std::string> warnings)
      : BackendSession(request, std::move(warnings)) {
    const OnnxRuntime& runtime = OnnxRuntime::get();
    Ort::SessionOptions options = options_for(request);
    const bool plain = request.provider.append == nullptr;
    const ProviderRequest asked = {request.placement, plain ? "" : content_hash(request.model),
                                   &request.file.signature};
    announce(request.provider, asked);
    if (std::string warning = keeps_engines(request.provider) ? engine_place().warning : ""; !warning.empty())
      info_.warnings.push_back(std::move(warning));
    info_.options = add_provider(options, request.provider, asked);
    const LogReader log;
    try {
      session_ = Ort::Session(runtime.env(), request.model.bytes.data(), request.model.bytes.size(), options);
      refine_outputs();
      if (request.provider.page_locked != nullptr)
        page_locked_ = PageLocked::of(session_, request.provider.page_locked, request.placement.index);
    } catch (const Ort::Exception& error) {
      throw load_error(request, "ONNX Runtime", words_of(error, log));
    }
    info_.placement = log.placement();
    info_.precision = precision_of(request);
    quiet_.SetRunLogSeverityLevel(ORT_LOGGING_LEVEL_ERROR);
    for (const Port& port : signature_.inputs) input_names_.push_back(port.name.c_str());
    loaded(request);
  }

 private:
  // Shape inference knows more than the file declares; the names of dimensions stay the file's.
  void refine_outputs() {
    for (std::size_t i = 0; i < signature_.outputs.size(); ++i) {
      const Ort::TypeInfo type = session_.GetOutputTypeInfo(i);
      if (type.GetONNXType() == ONNX_TYPE_TENSOR)
        refine(signature_.outputs[i], type.GetTensorTypeAndShapeInfo().GetShape());
    }
  }

  static bool keeps_engines(const Provider& provider) { return provider.announcement != nullptr; }

  // The CPU provider computes halves in fp32; elsewhere the file's own precision runs, or what a provider was set to.
  static Precision precision_of(const LoadRequest& request) {
    const Precision file = request.file.precision;
    if (file == Precision::int8) return file;
    if (request.provider.append == nullptr) return Precision::fp32;
    const bool told = request.provider.id == "tensorrt" && request.placement.precision == Precision::fp16;
    return told ? Precision::fp16 : file;
  }

  void announce(const Provider& provider, const ProviderRequest& request) {
    if (provider.announcement == nullptr) return;
    const std::string words = provider.announcement(request);
    if (words.empty()) return;
    if (current_setup().announce) current_setup().announce(words);
    info_.warnings.push_back(words);
  }

  std::vector<Tensor> infer_page_locked(const Inputs& inputs, const std::vector<int>& indices) {
    std::vector<PageLocked::Input> given;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      given.push_back({input_names_[i], borrowed(inputs[i]), inputs[i].bytes()});
    std::vector<const char*> names;
    for (const int index : indices) names.push_back(port_of(index).name.c_str());
    const std::vector<Ort::Value> results = page_locked_->run(quiet_, given, names);
    std::vector<Tensor> outputs;
    for (std::size_t i = 0; i < indices.size(); ++i) outputs.push_back(copied(results[i], port_of(indices[i])));
    return outputs;
  }

  const Port& port_of(int output) const { return signature_.outputs[static_cast<std::size_t>(output)]; }

  std::vector<Tensor> infer(const Inputs& inputs, const std::vector<int>& indices) override {
    const LogReader log;
    try {
      return infer_as_fits(inputs, indices);
    } catch (const Ort::Exception& error) {
      const bool refused = error.GetOrtErrorCode() == ORT_INVALID_ARGUMENT;
      throw vendor_error(refused ? ErrorCode::usage : ErrorCode::internal, "inference failed in ONNX Runtime",
                         words_of(error, log));
    }
  }

  // A model may break its word on the shape of an output. From then on ONNX Runtime allocates them all.
  std::vector<Tensor> infer_as_fits(const Inputs& inputs, const std::vector<int>& indices) {
    if (page_locked_) return infer_page_locked(inputs, indices);
    if (trusts_shapes_) {
      try {
        return infer_in_place(inputs, indices, true);
      } catch (const Ort::Exception&) {
        trusts_shapes_ = false;
      }
    }
    return infer_in_place(inputs, indices, false);
  }

  // Outputs of known shape are written by ONNX Runtime straight into our memory, the others are copied out of its own.
  std::vector<Tensor> infer_in_place(const Inputs& inputs, const std::vector<int>& indices, bool trust_shapes) {
    std::vector<Ort::Value> given;
    for (std::size_t i = 0; i < inputs.size(); ++i) given.push_back(borrowed(inputs[i]));

    std::vector<Tensor> outputs(indices.size());
    std::vector<Ort::Value> results;
    std::vector<const char*> names;
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const Port& port = port_of(indices[i]);
      names.push_back(port.name.c_str());
      std::vector<std::int64_t> shape;
      if (trust_shapes && onnx_type(port.type)) shape = expected_shape(port, signature_, inputs);
      if (shape.empty()) {
        results.emplace_back(nullptr);
      } else {
        outputs[i] = Tensor(std::move(shape), port.type);
        results.push_back(borrowed(outputs[i]));
      }
    }
    session_.Run(quiet_, input_names_.data(), given.data(), given.size(), names.data(), results.data(), names.size());
    for (std::size_t i = 0; i < indices.size(); ++i) {
      if (outputs[i].empty()) outputs[i] = copied(results[i], port_of(indices[i]));
    }
    return outputs;
  }

  Ort::Session session_{nullptr};  // its Run is safe from many threads
  std::optional<PageLocked> page_locked_;
  Ort::RunOptions quiet_;
  std::vector<const char*> input_names_;
  std::atomic<bool> trusts_shapes_ = true;
};

BackendStatus status() {
  BackendStatus status;
  status.name = "onnxruntime";
  try {
    const OnnxRuntime& runtime = OnnxRuntime::get();
    status.version = runtime.version();
    status.library = runtime.path();
    status.origin = runtime.origin();
    status.warning = runtime.warning();
    status.providers = runtime.providers();
  } catch (const Error& error) {
    status.reason = error.message();
    status.remedy = error.hint();
    const char* named = std::getenv("ONNXRUNTIME_LIB");
    if (named != nullptr && *named != '\0') status.warning = "ONNXRUNTIME_LIB cannot be used: " + error.message();
  }
  return status;
}

// What the plugin of a provider needs and neither the loader nor the folder "libraries" has.
void add_missing_needs(const OnnxRuntime& runtime, const Provider& provider, Obstacles& obstacles) {
  std::string names;
  const auto there = [&](const std::string& name) {
    std::error_code none;
    return std::filesystem::exists(runtime.below(name), none) || loads(name.c_str());
  };
  for (const std::string& name : needed_libraries(runtime.beside(provider.plugin))) {
    const bool told = std::any_of(provider.libraries.begin(), provider.libraries.end(),
                                  [&](const Library& library) { return name == library.file; });
    const bool apart = std::any_of(provider.opens.begin(), provider.opens.end(),
                                   [&](const Library& library) { return name == library.file; });
    if (!told && !apart && !there(name)) add_to(names, name, ", ");
  }
  if (!names.empty()) obstacles.add(names + " not found, which " + provider.plugin + " needs", provider.plugin_remedy);
  for (const Library& library : provider.opens) {
    if (!there(library.file))
      obstacles.add(std::string(library.file) + " not found: " + library.meaning, library.remedy);
  }
}

Availability probe_provider(const Provider& provider) {
  const BackendStatus backend = status();
  if (backend.version.empty()) return {.reason = backend.reason, .remedy = backend.remedy};

  const OnnxRuntime& runtime = OnnxRuntime::get();
  Obstacles obstacles = missing_libraries(provider);
  if (!runtime.has_provider(provider.name)) {
    obstacles.add("this ONNX Runtime (" + runtime.version() + ") was built without " + std::string(provider.name),
                  provider.remedy);
  } else if (provider.plugin != nullptr) {
    add_missing_needs(runtime, provider, obstacles);
  }
  if (!obstacles.empty()) return obstacles.told();

  // The provider's own libraries are opened only when it is added to a session, so that is tried.
  try {
    Ort::SessionOptions options;
    add_provider(options, provider, {});
  } catch (const Error& error) {
    // All of its libraries are there: what they stand on is too old, or is not working.
    const std::string_view remedy = provider.libraries.empty() ? provider.remedy : provider.libraries.front().remedy;
    return {.reason = error.message(), .remedy = std::string(remedy)};
  }
  Availability there{.available = true};
  if (provider.append == nullptr) {
    for (const Precision precision : cpu_precisions()) {
      if (precision == Precision::fp32 || precision == Precision::int8) there.precisions.push_back(precision);
    }
  } else {
    there.precisions = {Precision::fp32};
    if (provider.id == "tensorrt") there.precisions.push_back(Precision::fp16);
  }
  return there;
}

std::shared_ptr<Session> load(const LoadRequest& request, std::vector<std::string> warnings) {
  return std::make_shared<OnnxRuntimeSession>(request, std::move(warnings));
}

}  // namespace

const Backend kOnnxRuntimeBackend = {"onnxruntime", status, probe_provider, load};

}  // namespace pixmill::runtime
