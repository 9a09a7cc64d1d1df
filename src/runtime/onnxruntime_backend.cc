// The reference backend: sessions of ONNX Runtime.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>

#include "pixmill/core/error.h"
#include "runtime/backends.h"
#include "runtime/hardware.h"
#include "runtime/names.h"
#include "runtime/onnxruntime_library.h"
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
  if (!value.IsTensor() || !onnx_type(port.type)) {
    throw Error(ErrorCode::bad_model, "output '" + port.name + "' is no tensor of numbers");
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

void add_provider(Ort::SessionOptions& options, const Provider& provider, const Placement& placement) {
  if (provider.append == nullptr) return;
  const LogReader log;
  try {
    provider.append(options, placement);
  } catch (const Ort::Exception& error) {
    throw Error(ErrorCode::no_device, std::string(provider.id) + ": " + words_of(error, log),
                std::string(provider.remedy));
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
  // The placement of the nodes is told in the log only, at this level; see LogReader.
  options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_VERBOSE);
  add_provider(options, request.provider, request.placement);
  return options;
}

class OnnxRuntimeSession final : public Session {
 public:
  OnnxRuntimeSession(const LoadRequest& request, std::vector<std::string> warnings)
      : signature_(request.file.signature),
        info_(described(request, std::move(warnings))),
        memory_(request.model.bytes.size(), request.placement.streams) {
    const auto start = std::chrono::steady_clock::now();
    const OnnxRuntime& runtime = OnnxRuntime::get();
    const Ort::SessionOptions options = options_for(request);
    const LogReader log;
    try {
      session_ = Ort::Session(runtime.env(), request.model.bytes.data(), request.model.bytes.size(), options);
      refine_outputs();
    } catch (const Ort::Exception& error) {
      throw load_error(request, "ONNX Runtime", words_of(error, log));
    }
    info_.placement = log.placement();
    info_.precision = precision_of(request);
    warn_of_precision(info_, request.placement.precision);
    quiet_.SetRunLogSeverityLevel(ORT_LOGGING_LEVEL_ERROR);
    for (const Port& port : signature_.inputs) input_names_.push_back(port.name.c_str());
    memory_.loaded();
    info_.load_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  const ModelSignature& signature() const override { return signature_; }
  const SessionInfo& info() const override { return info_; }
  std::size_t memory_bytes() const override { return memory_.bytes(); }

  std::vector<Tensor> run(std::span<const Tensor> inputs, std::span<const int> wanted) override {
    const Inputs checked(signature_, inputs);
    const std::vector<int> indices = wanted_outputs(signature_, wanted);
    std::vector<Tensor> outputs;
    const LogReader log;
    try {
      memory_.around([&] { outputs = infer(checked, indices); });
    } catch (const Ort::Exception& error) {
      const bool refused = error.GetOrtErrorCode() == ORT_INVALID_ARGUMENT;
      throw vendor_error(refused ? ErrorCode::usage : ErrorCode::internal, "inference failed in ONNX Runtime",
                         words_of(error, log));
    }
    for (Tensor& output : outputs) output = finished(std::move(output));
    return outputs;
  }

 private:
  // Shape inference knows more than the file declares; the names of dimensions stay the file's.
  void refine_outputs() {
    for (std::size_t i = 0; i < signature_.outputs.size(); ++i) {
      const Ort::TypeInfo type = session_.GetOutputTypeInfo(i);
      Port& port = signature_.outputs[i];
      if (type.GetONNXType() != ONNX_TYPE_TENSOR) continue;
      const auto inferred = type.GetTensorTypeAndShapeInfo();
      const std::vector<std::int64_t> shape = inferred.GetShape();
      port.dimension_names.resize(shape.size());
      if (port.shape.empty()) port.shape = shape;
      for (std::size_t d = 0; d < std::min(shape.size(), port.shape.size()); ++d) {
        if (port.shape[d] < 0) port.shape[d] = shape[d];
      }
    }
  }

  // The CPU provider computes halves in fp32; elsewhere the file's own precision runs, or what a provider was told.
  static Precision precision_of(const LoadRequest& request) {
    const Precision file = request.file.precision;
    if (file == Precision::int8) return file;
    if (request.provider.append == nullptr) return Precision::fp32;
    const bool told = request.provider.id == "tensorrt" && request.placement.precision == Precision::fp16;
    return told ? Precision::fp16 : file;
  }

  // A model may break its word on the shape of an output. From then on ONNX Runtime allocates them all.
  std::vector<Tensor> infer(const Inputs& inputs, const std::vector<int>& indices) {
    if (trusts_shapes_) {
      try {
        return infer(inputs, indices, true);
      } catch (const Ort::Exception&) {
        trusts_shapes_ = false;
      }
    }
    return infer(inputs, indices, false);
  }

  // Outputs of known shape are written by ONNX Runtime straight into our memory, the others are copied out of its own.
  std::vector<Tensor> infer(const Inputs& inputs, const std::vector<int>& indices, bool trust_shapes) {
    std::vector<Ort::Value> given;
    for (std::size_t i = 0; i < inputs.size(); ++i) given.push_back(borrowed(inputs[i]));

    std::vector<Tensor> outputs(indices.size());
    std::vector<Ort::Value> results;
    std::vector<const char*> names;
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const Port& port = signature_.outputs[static_cast<std::size_t>(indices[i])];
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
      if (outputs[i].empty()) outputs[i] = copied(results[i], signature_.outputs[static_cast<std::size_t>(indices[i])]);
    }
    return outputs;
  }

  ModelSignature signature_;
  SessionInfo info_;
  MemoryEstimate memory_;
  Ort::Session session_{nullptr};  // its Run is safe from many threads
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
  } catch (const Error& error) {
    status.reason = error.message() + "; " + error.hint();
  }
  return status;
}

// Every obstacle is named, not the first only: who removes one wants to know of the next.
Availability probe_provider(const Provider& provider) {
  const BackendStatus runtime = status();
  if (runtime.version.empty()) return {.available = false, .reason = runtime.reason};

  std::string obstacles;
  if (!OnnxRuntime::get().has_provider(provider.name)) {
    add_to(obstacles, "this ONNX Runtime (" + runtime.version + ") was built without " + std::string(provider.name));
  }
  if (const std::string library = missing_library(provider); !library.empty()) add_to(obstacles, library);
  if (!obstacles.empty()) return missing(provider, obstacles);

  // The provider's own libraries are opened only when it is added to a session, so that is tried.
  try {
    Ort::SessionOptions options;
    add_provider(options, provider, {});
  } catch (const Error& error) {
    return missing(provider, error.message());
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
