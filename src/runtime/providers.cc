#include "runtime/providers.h"

#include <array>
#include <memory>
#include <string>
#include <unordered_map>

#include "pixmill/core/error.h"
#include "pixmill/runtime/nvidia.h"
#include "runtime/backends.h"
#include "runtime/hardware.h"
#include "runtime/names.h"
#include "runtime/nvidia/provider.h"
#include "runtime/onnxruntime/library.h"

namespace pixmill::runtime {
namespace {

using Options = std::unordered_map<std::string, std::string>;

// A provider that takes its options as pairs of strings and does not report them.
ProviderOptions append_named(Ort::SessionOptions& options, const char* name, const ProviderRequest& request,
                             const ProviderOptions& ours) {
  ProviderOptions all = overlaid(ours, request.placement.options);
  options.AppendExecutionProvider(name, Options(all.begin(), all.end()));
  return all;
}

ProviderOptions append_directml(Ort::SessionOptions& options, const ProviderRequest& request) {
  return append_named(options, "DML", request, {{"device_id", std::to_string(request.placement.index)}});
}

ProviderOptions append_coreml(Ort::SessionOptions& options, const ProviderRequest& request) {
  return append_named(options, "CoreML", request, {{"ModelFormat", "MLProgram"}});
}

ProviderOptions append_webgpu(Ort::SessionOptions& options, const ProviderRequest& request) {
  return append_named(options, "WebGPU", request, {});
}

constexpr const char* kNvidiaDriver = "install NVIDIA's driver, 580 or later (Debian: nvidia-driver, of non-free)";
constexpr const char* kAddCuda = "pixmill runtimes add cuda --with-libraries";
constexpr const char* kTensorRt10 =
    "pixmill runtimes add cuda --with-libraries, then install TensorRT 10 (libnvinfer10 and libnvonnxparsers10, of "
    "NVIDIA's packages)";

constexpr std::array<Library, 1> kNvidia = {{{"libcuda.so.1", "no NVIDIA driver", kNvidiaDriver}}};
constexpr std::array<Library, 1> kCudnn = {{{"libcudnn.so.9", "no cuDNN", kAddCuda}}};
constexpr std::array<Library, 1> kVulkan = {
    {{"libvulkan.so.1", "no Vulkan loader", "apt install libvulkan1 mesa-vulkan-drivers"}}};
constexpr std::array<Library, 1> kOpenCl = {
    {{"libOpenCL.so.1", "no OpenCL loader", "apt install ocl-icd-libopencl1 intel-opencl-icd"}}};
constexpr std::array<Library, 1> kLevelZero = {{{"libze_loader.so.1", "no Level Zero loader", "apt install libze1"}}};

constexpr std::array<Provider, 11> kProviders = {{
    {.id = "cuda",
     .backend = "onnxruntime",
     .name = "CUDAExecutionProvider",
     .title = "NVIDIA GPU through CUDA",
     .requirement = "an NVIDIA GPU with its driver, CUDA and cuDNN, and an ONNX Runtime built with CUDA",
     .remedy = kAddCuda,
     .libraries = kNvidia,
     .indexed = true,
     .automatic = true,
     .append = append_cuda,
     .plugin = "libonnxruntime_providers_cuda.so",
     .opens = kCudnn,
     .plugin_remedy = kAddCuda,
     .page_locked = "CudaPinned",
     .hardware = nvidia_title},
    {.id = "tensorrt",
     .backend = "onnxruntime",
     .name = "TensorrtExecutionProvider",
     .title = "NVIDIA GPU through TensorRT",
     .requirement = "an NVIDIA GPU with its driver, CUDA and TensorRT, and an ONNX Runtime built with TensorRT",
     .remedy = kAddCuda,
     .libraries = kNvidia,
     .indexed = true,
     .append = append_tensorrt,
     .announcement = tensorrt_announcement,
     .plugin = "libonnxruntime_providers_tensorrt.so",
     .plugin_remedy = kTensorRt10,
     .page_locked = "CudaPinned",
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
     .remedy = "pixmill runtimes add PATH/libonnxruntime.so, of an ONNX Runtime that was built with WebGPU",
     .libraries = kVulkan,
     .append = append_webgpu},
    {.id = "openvino:GPU",
     .backend = "openvino",
     .name = "GPU",
     .title = "Intel GPU through OpenVINO",
     .requirement = "an Intel GPU with its compute runtime (OpenCL), and pixmill built with OpenVINO",
     .remedy = "apt install intel-opencl-icd, and let this user into the group 'render'",
     .libraries = kOpenCl,
     .indexed = true},
    {.id = "openvino:NPU",
     .backend = "openvino",
     .name = "NPU",
     .title = "Intel NPU through OpenVINO",
     .requirement = "an Intel NPU with its driver (Level Zero), and pixmill built with OpenVINO",
     .remedy = "install Intel's NPU driver (intel-level-zero-npu, of Intel's packages)",
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
    {.id = "opencv",
     .backend = "opencv",
     .name = "CPU",
     .title = "CPU through OpenCV's DNN module",
     .requirement = "pixmill built with OpenCV",
     .remedy = "install libopencv-dnn-dev and build pixmill with -DPIXMILL_OPENCV=ON",
     .libraries = {},
     .hardware = cpu_title},
    {.id = "libtorch",
     .backend = "libtorch",
     .name = "CPU",
     .title = "CPU through LibTorch, for TorchScript files",
     .requirement = "pixmill built with LibTorch",
     .remedy = "install libtorch-dev and build pixmill with -DPIXMILL_LIBTORCH=ON",
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

void Obstacles::add(const std::string& reason, std::string_view remedy) {
  add_to(reason_, reason);
  if (!remedy.empty() && remedy_.find(remedy) == std::string::npos) add_to(remedy_, remedy, ", then ");
}

Availability Obstacles::told() const {
  return {.reason = reason_, .remedy = remedy_};
}

Availability missing(const Provider& provider, std::string reason) {
  return {.reason = std::move(reason), .remedy = std::string(provider.remedy)};
}

Obstacles missing_libraries(const Provider& provider) {
  Obstacles obstacles;
  for (const Library& library : provider.libraries) {
    if (!loads(library.file))
      obstacles.add(std::string(library.file) + " not found: " + library.meaning, library.remedy);
  }
  return obstacles;
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
