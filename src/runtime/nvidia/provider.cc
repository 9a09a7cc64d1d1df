#include "runtime/nvidia/provider.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <system_error>

#include "pixmill/platform/cores.h"
#include "pixmill/runtime/nvidia.h"
#include "pixmill/runtime/setup.h"
#include "runtime/onnxruntime/library.h"
#include "runtime/ports.h"

namespace pixmill::runtime {
namespace {

namespace fs = std::filesystem;

// CUDA and TensorRT take an options object of their own, made, filled, read, used and released by C functions.
template <typename Vendor>
struct VendorFunctions {
  OrtStatus*(ORT_API_CALL* create)(Vendor**);
  OrtStatus*(ORT_API_CALL* update)(Vendor*, const char* const*, const char* const*, std::size_t);
  OrtStatus*(ORT_API_CALL* tell)(const Vendor*, OrtAllocator*, char**);
  OrtStatus*(ORT_API_CALL* append)(OrtSessionOptions*, const Vendor*);
  void(ORT_API_CALL* release)(Vendor*);
};

template <typename Vendor>
ProviderOptions append_filled(Ort::SessionOptions& options, const ProviderOptions& values,
                              const VendorFunctions<Vendor>& functions) {
  OnnxRuntime::get().preload_libraries();
  Vendor* raw = nullptr;
  Ort::ThrowOnError(functions.create(&raw));
  const std::unique_ptr<Vendor, decltype(functions.release)> vendor(raw, functions.release);
  std::vector<const char*> keys;
  std::vector<const char*> texts;
  for (const auto& [key, value] : values) {
    keys.push_back(key.c_str());
    texts.push_back(value.c_str());
  }
  Ort::ThrowOnError(functions.update(raw, keys.data(), texts.data(), keys.size()));
  Ort::ThrowOnError(functions.append(options, raw));
  Ort::AllocatorWithDefaultOptions allocator;
  char* text = nullptr;
  Ort::ThrowOnError(functions.tell(raw, allocator, &text));
  ProviderOptions told = options_from(text);
  allocator.Free(text);
  return told;
}

ProviderOptions append_cuda_with(Ort::SessionOptions& options, const Placement& placement,
                                 const ProviderOptions& users) {
  const OrtApi& api = Ort::GetApi();
  return append_filled<OrtCUDAProviderOptionsV2>(
      options, overlaid(cuda_options(placement.index, nvidia_memory(placement.index)), users),
      {api.CreateCUDAProviderOptions, api.UpdateCUDAProviderOptions, api.GetCUDAProviderOptionsAsString,
       api.SessionOptionsAppendExecutionProvider_CUDA_V2, api.ReleaseCUDAProviderOptions});
}

// A name of letters, digits, points and dashes for a folder.
std::string folder_name(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-'; }, '_');
  return text;
}

// Engines fit one model, shape, card, driver and version of the runtimes only.
fs::path engine_folder(int index) {
  const fs::path engines = engine_place().folder;
  for (const Gpu& card : nvidia_gpus()) {
    if (card.index == index && !engines.empty())
      return engines / "tensorrt" / folder_name(card.name + "-" + card.driver + "-" + OnnxRuntime::get().version());
  }
  return {};
}

std::string engine_name(const ProviderRequest& request) {
  return request.model_hash.substr(0, 16) + "_" + text_of(request.placement.shape);
}

// The input whose open shape an engine must know: TensorRT needs the shapes of all open inputs or of none.
std::string open_input(const ProviderRequest& request) {
  if (request.signature == nullptr || request.signature->inputs.size() != 1) return {};
  const Port& port = request.signature->inputs.front();
  const bool open = std::any_of(port.shape.begin(), port.shape.end(), [](std::int64_t extent) { return extent < 0; });
  return open && port.shape.size() == request.placement.shape.size() ? port.name : "";
}

}  // namespace

ProviderOptions append_cuda(Ort::SessionOptions& options, const ProviderRequest& request) {
  return append_cuda_with(options, request.placement, request.placement.options);
}

ProviderOptions append_tensorrt(Ort::SessionOptions& options, const ProviderRequest& request) {
  const Placement& placement = request.placement;
  fs::path folder;
  if (!request.model_hash.empty()) {
    std::error_code failure;
    folder = engine_folder(placement.index);
    fs::create_directories(folder, failure);
    if (failure) folder.clear();  // without a place to keep them, engines are built each time
  }
  const TensorRtRequest wanted = {.index = placement.index,
                                  .fp16 = placement.precision == Precision::fp16,
                                  .card_bytes = nvidia_memory(placement.index),
                                  .cache_folder = folder.string(),
                                  .engine = engine_name(request),
                                  .input = open_input(request),
                                  .shape = placement.shape};
  const OrtApi& api = Ort::GetApi();
  ProviderOptions told = append_filled<OrtTensorRTProviderOptionsV2>(
      options, overlaid(tensorrt_options(wanted), tensorrt_part(placement.options, true)),
      {api.CreateTensorRTProviderOptions, api.UpdateTensorRTProviderOptions, api.GetTensorRTProviderOptionsAsString,
       api.SessionOptionsAppendExecutionProvider_TensorRT_V2, api.ReleaseTensorRTProviderOptions});
  told.merge(append_cuda_with(options, placement, tensorrt_part(placement.options, false)));
  return told;
}

std::string tensorrt_announcement(const ProviderRequest& request) {
  const std::string name = engine_name(request);
  std::error_code none;
  for (const auto& file : fs::directory_iterator(engine_folder(request.placement.index), none)) {
    if (file.path().filename().string().starts_with(name) && file.path().extension() == ".engine") return {};
  }
  return "building a TensorRT engine for this model, card and shape: it takes minutes, once";
}

}  // namespace pixmill::runtime
