#include "runtime/onnxruntime/binding.h"

#include <cstring>
#include <utility>

namespace pixmill::runtime {

std::optional<PageLocked> PageLocked::of(Ort::Session& session, const char* memory, int device) {
  try {
    return PageLocked(session, Ort::MemoryInfo(memory, OrtDeviceAllocator, device, OrtMemTypeCPUOutput));
  } catch (const Ort::Exception&) {
    return std::nullopt;  // ordinary memory is right too, only slower
  }
}

Ort::Value PageLocked::copied(const Input& input) {
  const auto info = input.value.GetTensorTypeAndShapeInfo();
  const std::vector<std::int64_t> shape = info.GetShape();
  Ort::Value copy = Ort::Value::CreateTensor(allocator_, shape.data(), shape.size(), info.GetElementType());
  std::memcpy(copy.GetTensorMutableRawData(), input.value.GetTensorRawData(), input.bytes);
  return copy;
}

std::vector<Ort::Value> PageLocked::run(const Ort::RunOptions& options, std::span<const Input> inputs,
                                        std::span<const char* const> output_names) {
  Ort::IoBinding binding(*session_);
  std::vector<Ort::Value> given;  // must live until the inference has ended
  for (const Input& input : inputs) {
    given.push_back(copied(input));
    binding.BindInput(input.name, given.back());
  }
  for (const char* name : output_names) binding.BindOutput(name, memory_);
  session_->Run(options, binding);
  binding.SynchronizeOutputs();
  return binding.GetOutputValues();
}

}  // namespace pixmill::runtime
