#include "measure/runtimes/pins.h"

#include <array>

namespace pixmill::measure {
namespace {

constexpr auto kOnnxRuntime = std::to_array<std::string_view>(
    {"onnxruntime/LICENSE", "onnxruntime/ThirdPartyNotices.txt", "onnxruntime/capi/libonnxruntime.so.1.31.1",
     "onnxruntime/capi/libonnxruntime_providers_cuda.so", "onnxruntime/capi/libonnxruntime_providers_shared.so",
     "onnxruntime/capi/libonnxruntime_providers_tensorrt.so"});
constexpr auto kCudart = std::to_array<std::string_view>(
    {"nvidia/cu13/lib/libcudart.so.13", "nvidia_cuda_runtime-13.0.96.dist-info/licenses/License.txt"});
constexpr auto kNvJitLink = std::to_array<std::string_view>(
    {"nvidia/cu13/lib/libnvJitLink.so.13", "nvidia_nvjitlink-13.0.88.dist-info/licenses/License.txt"});
constexpr auto kNvrtc =
    std::to_array<std::string_view>({"nvidia/cu13/lib/libnvrtc-builtins.so.13.0", "nvidia/cu13/lib/libnvrtc.so.13",
                                     "nvidia_cuda_nvrtc-13.0.88.dist-info/licenses/License.txt"});
constexpr auto kCublas =
    std::to_array<std::string_view>({"nvidia/cu13/lib/libcublas.so.13", "nvidia/cu13/lib/libcublasLt.so.13",
                                     "nvidia_cublas-13.1.0.3.dist-info/licenses/License.txt"});
constexpr auto kCufft = std::to_array<std::string_view>(
    {"nvidia/cu13/lib/libcufft.so.12", "nvidia_cufft-12.0.0.61.dist-info/licenses/License.txt"});
constexpr auto kCurand = std::to_array<std::string_view>(
    {"nvidia/cu13/lib/libcurand.so.10", "nvidia_curand-10.4.0.35.dist-info/licenses/License.txt"});
constexpr auto kCudnn = std::to_array<std::string_view>(
    {"nvidia/cudnn/lib/libcudnn.so.9", "nvidia/cudnn/lib/libcudnn_adv.so.9", "nvidia/cudnn/lib/libcudnn_cnn.so.9",
     "nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9", "nvidia/cudnn/lib/libcudnn_engines_runtime_compiled.so.9",
     "nvidia/cudnn/lib/libcudnn_engines_tensor_ir.so.9", "nvidia/cudnn/lib/libcudnn_ext.so.9",
     "nvidia/cudnn/lib/libcudnn_graph.so.9", "nvidia/cudnn/lib/libcudnn_heuristic.so.9",
     "nvidia/cudnn/lib/libcudnn_ops.so.9", "nvidia_cudnn_cu13-9.28.0.42.dist-info/licenses/License.txt"});

// CUDA 13.0 and cuDNN 9, which that build of ONNX Runtime wants: the oldest of CUDA 13 runs with every driver for it.
constexpr auto kCudaLibraries = std::to_array<Wheel>({
    {.project = "nvidia-cuda-runtime",
     .version = "13.0.96",
     .abi = "none",
     .platform = "manylinux_2_17_x86_64",
     .sha256 = "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
     .bytes = 2'243'632,
     .unpacked = 763'550,
     .files = kCudart},
    {.project = "nvidia-nvjitlink",
     .version = "13.0.88",
     .abi = "none",
     .platform = "manylinux_2_12_x86_64",
     .sha256 = "13a74f429e23b921c1109976abefacc69835f2f433ebd323d3946e11d804e47b",
     .bytes = 40'713'933,
     .unpacked = 98'865'998,
     .files = kNvJitLink},
    {.project = "nvidia-cuda-nvrtc",
     .version = "13.0.88",
     .abi = "none",
     .platform = "manylinux_2_12_x86_64",
     .sha256 = "ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575",
     .bytes = 90'215'200,
     .unpacked = 113'777'942,
     .files = kNvrtc},
    {.project = "nvidia-cublas",
     .version = "13.1.0.3",
     .abi = "none",
     .platform = "manylinux_2_27_x86_64",
     .sha256 = "ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171",
     .bytes = 423'133'236,
     .unpacked = 595'832'838,
     .files = kCublas},
    {.project = "nvidia-cufft",
     .version = "12.0.0.61",
     .abi = "none",
     .platform = "manylinux_2_17_x86_64",
     .sha256 = "6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3",
     .bytes = 214'085'489,
     .unpacked = 286'601'614,
     .files = kCufft},
    {.project = "nvidia-curand",
     .version = "10.4.0.35",
     .abi = "none",
     .platform = "manylinux_2_27_x86_64",
     .sha256 = "1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc",
     .bytes = 59'544'258,
     .unpacked = 132'757'590,
     .files = kCurand},
    {.project = "nvidia-cudnn-cu13",
     .version = "9.28.0.42",
     .abi = "none",
     .platform = "manylinux_2_27_x86_64",
     .sha256 = "7358353c75bb121a58e5f7712fe6d588883dc1df8ba00f428237e44e97543c4d",
     .bytes = 516'782'127,
     .unpacked = 940'131'302,
     .files = kCudnn},
});

constexpr auto kPackages = std::to_array<RuntimePackage>({
    {.name = "cuda",
     .version = "1.31.1",
     .title = "ONNX Runtime 1.31.1 for NVIDIA GPUs",
     .library = "libonnxruntime.so.1.31.1",
     .runtime = {.project = "onnxruntime-gpu",
                 .version = "1.31.1",
                 .abi = "cp312",
                 .platform = "manylinux_2_28_x86_64",
                 .sha256 = "05d548956197b9d01f59b625de740e0d6be3593f874e241a12dc0362650ecdf7",
                 .bytes = 255'569'273,
                 .unpacked = 314'785'345,
                 .files = kOnnxRuntime},
     .libraries = kCudaLibraries},
});

}  // namespace

std::span<const RuntimePackage> runtime_packages() {
  return kPackages;
}

}  // namespace pixmill::measure
