#include "runtime/providers.h"

#include <array>
#include <memory>
#include <string>
#include <unordered_map>

#include "pixmill/core/error.h"
#include "runtime/backends.h"
#include "runtime/hardware.h"
#include "runtime/names.h"
#include "runtime/onnxruntime_library.h"

namespace pixmill::runtime {
namespace {

using Options = std::unordered_map<std::string, std::string>;

// CUDA and TensorRT take an options object of their own, made, filled, used and released by C functions.
template <typename Vendor>
void append_filled(Ort::SessionOptions& options, const Options& values, OrtStatus*(ORT_API_CALL* create)(Vendor**),
                   OrtStatus*(ORT_API_CALL* update)(Vendor*, const char* const*, const char* const*, std::size_t),
                   OrtStatus*(ORT_API_CALL* append)(OrtSessionOptions*, const Vendor*),
                   void(ORT_API_CALL* release)(Vendor*)) {
  Vendor* raw = nullptr;
  Ort::ThrowOnError(create(&raw));
  const std::unique_ptr<Vendor, decltype(release)> vendor(raw, release);
  std::vector<const char*> keys;
  std::vector<const char*> texts;
  for (const auto& [key, value] : values) {
    keys.push_back(key.c_str());
    texts.push_back(value.c_str());
  }
  Ort::ThrowOnError(update(raw, keys.data(), texts.data(), keys.size()));
  Ort::ThrowOnError(append(options, raw));
}

void append_cuda(Ort::SessionOptions& options, const Placement& placement) {
  const OrtApi& api = Ort::GetApi();
  append_filled<OrtCUDAProviderOptionsV2>(
      options,
      {{"device_id", std::to_string(placement.index)},
       {"cudnn_conv_algo_search", "HEURISTIC"},  // the exhaustive default takes seconds for every new shape
       {"arena_extend_strategy", "kSameAsRequested"},
       {"use_tf32", "0"}},  // fp32 means fp32
      api.CreateCUDAProviderOptions, api.UpdateCUDAProviderOptions, api.SessionOptionsAppendExecutionProvider_CUDA_V2,
      api.ReleaseCUDAProviderOptions);
}

void append_tensorrt(Ort::SessionOptions& options, const Placement& placement) {
  const OrtApi& api = Ort::GetApi();
  append_filled<OrtTensorRTProviderOptionsV2>(options,
                                              {{"device_id", std::to_string(placement.index)},
                                               {"trt_fp16_enable", placement.precision == Precision::fp16 ? "1" : "0"}},
                                              api.CreateTensorRTProviderOptions, api.UpdateTensorRTProviderOptions,
                                              api.SessionOptionsAppendExecutionProvider_TensorRT_V2,
                                              api.ReleaseTensorRTProviderOptions);
  append_cuda(options, placement);  // takes the nodes that TensorRT leaves
}

void append_directml(Ort::SessionOptions& options, const Placement& placement) {
  options.AppendExecutionProvider("DML", Options{{"device_id", std::to_string(placement.index)}});
}

void append_coreml(Ort::SessionOptions& options, const Placement&) {
  options.AppendExecutionProvider("CoreML", Options{{"ModelFormat", "MLProgram"}});
}

void append_webgpu(Ort::SessionOptions& options, const Placement&) {
  options.AppendExecutionProvider("WebGPU", Options{});
}

constexpr std::array<Library, 1> kNvidia = {{{"libcuda.so.1", "no NVIDIA driver"}}};
constexpr std::array<Library, 2> kTensorRt = {
    {{"libcuda.so.1", "no NVIDIA driver"}, {"libnvinfer.so.10", "no TensorRT"}}};
constexpr std::array<Library, 1> kVulkan = {{{"libvulkan.so.1", "no Vulkan loader"}}};
constexpr std::array<Library, 1> kOpenCl = {{{"libOpenCL.so.1", "no OpenCL loader"}}};
constexpr std::array<Library, 1> kLevelZero = {{{"libze_loader.so.1", "no Level Zero loader"}}};

constexpr std::array<Provider, 9> kProviders = {{
    {.id = "cuda",
     .backend = "onnxruntime",
     .name = "CUDAExecutionProvider",
     .title = "NVIDIA GPU through CUDA",
     .requirement = "an NVIDIA GPU with its driver, CUDA and cuDNN, and an ONNX Runtime built with CUDA",
     .remedy =
         "install the NVIDIA driver, CUDA and cuDNN, and point ONNXRUNTIME_LIB at an ONNX Runtime built with CUDA",
     .libraries = kNvidia,
     .indexed = true,
     .automatic = true,
     .append = append_cuda,
     .hardware = nvidia_title},
    {.id = "tensorrt",
     .backend = "onnxruntime",
     .name = "TensorrtExecutionProvider",
     .title = "NVIDIA GPU through TensorRT",
     .requirement = "an NVIDIA GPU with its driver, CUDA and TensorRT, and an ONNX Runtime built with TensorRT",
     .remedy =
         "install the NVIDIA driver, CUDA and TensorRT, and point ONNXRUNTIME_LIB at an ONNX Runtime built with it",
     .libraries = kTensorRt,
     .indexed = true,
     .append = append_tensorrt,
     .hardware = nvidia_title},
    {.id = "directml",
     .backend = "onnxruntime",
     .name = "DmlExecutionProvider",
     .title = "GPU of any maker through DirectML",
     .requirement = "Windows 10 or later with a DirectX 12 GPU, and an ONNX Runtime built with DirectML",
     .remedy = "it exists on Windows only",
     .libraries = {},
     .indexed = true,
     .automatic = true,
     .append = append_directml},
    {.id = "coreml",
     .backend = "onnxruntime",
     .name = "CoreMLExecutionProvider",
     .title = "Apple GPU and Neural Engine through Core ML",
     .requirement = "macOS, and an ONNX Runtime built with Core ML",
     .remedy = "it exists on macOS only",
     .libraries = {},
     .automatic = true,
     .append = append_coreml},
    {.id = "webgpu",
     .backend = "onnxruntime",
     .name = "WebGpuExecutionProvider",
     .title = "GPU of any maker through WebGPU",
     .requirement = "a GPU with a Vulkan driver, and an ONNX Runtime built with WebGPU",
     .remedy = "install a Vulkan driver, and point ONNXRUNTIME_LIB at an ONNX Runtime built with WebGPU",
     .libraries = kVulkan,
     .append = append_webgpu},
    {.id = "openvino:GPU",
     .backend = "openvino",
     .name = "GPU",
     .title = "Intel GPU through OpenVINO",
     .requirement = "an Intel GPU with its compute runtime (OpenCL), and pixmill built with OpenVINO",
     .remedy = "install Intel's compute runtime (intel-opencl-icd)",
     .libraries = kOpenCl,
     .indexed = true},
    {.id = "openvino:NPU",
     .backend = "openvino",
     .name = "NPU",
     .title = "Intel NPU through OpenVINO",
     .requirement = "an Intel NPU with its driver (Level Zero), and pixmill built with OpenVINO",
     .remedy = "install Intel's NPU driver",
     .libraries = kLevelZero},
    {.id = "cpu",
     .backend = "onnxruntime",
     .name = "CPUExecutionProvider",
     .title = "CPU through ONNX Runtime",
     .requirement = "an ONNX Runtime",
     .remedy = "",
     .libraries = {},
     .automatic = true,
     .hardware = cpu_title},
    {.id = "openvino",
     .backend = "openvino",
     .name = "CPU",
     .title = "CPU through OpenVINO",
     .requirement = "pixmill built with OpenVINO",
     .remedy = "",
     .libraries = {},
     .hardware = cpu_title},
}};

}  // namespace

std::span<const Provider> providers() {
  return kProviders;
}

const Provider& provider_of(std::string_view id) {
  std::vector<std::string> known = {"auto"};
  for (const Provider& provider : kProviders) {
    if (provider.id == id) return provider;
    known.emplace_back(provider.id);
  }
  throw unknown_name("device", id, known);
}

Availability missing(const Provider& provider, std::string reason) {
  if (!provider.remedy.empty()) reason += "; " + std::string(provider.remedy);
  return {.reason = std::move(reason)};
}

std::string missing_library(const Provider& provider) {
  for (const Library& library : provider.libraries) {
    if (!loads(library.file)) return std::string(library.file) + " not found: " + library.meaning;
  }
  return {};
}

Availability probe(const Provider& provider) {
  const Backend* backend = find_backend(provider.backend);
  if (backend == nullptr) {
    return {.reason = "this pixmill was built without " + std::string(provider.backend) +
                      "; build it with -DPIXMILL_OPENVINO=ON"};
  }
  Availability availability = backend->probe(provider);
  if (availability.available && provider.hardware != nullptr) availability.hardware = provider.hardware();
  return availability;
}

}  // namespace pixmill::runtime
