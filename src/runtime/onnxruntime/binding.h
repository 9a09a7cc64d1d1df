// Inferences whose tensors lie in memory that a device copies from and to without the CPU's help.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "runtime/onnxruntime/library.h"

namespace pixmill::runtime {

class PageLocked {
 public:
  struct Input {
    const char* name;
    Ort::Value value;  // in ordinary memory
    std::size_t bytes;
  };

  // `memory`: ONNX Runtime's name for it ("CudaPinned"). Empty where the session has no such memory. Outlived by it.
  static std::optional<PageLocked> of(Ort::Session& session, const char* memory, int device);

  // One inference; the answers lie in that memory. Safe from many threads. Throws Ort::Exception.
  std::vector<Ort::Value> run(const Ort::RunOptions& options, std::span<const Input> inputs,
                              std::span<const char* const> output_names);

 private:
  PageLocked(Ort::Session& session, Ort::MemoryInfo memory)
      : session_(&session), memory_(std::move(memory)), allocator_(session, memory_) {}

  Ort::Value copied(const Input& input);

  Ort::Session* session_;
  Ort::MemoryInfo memory_;
  Ort::Allocator allocator_;  // an arena: memory is locked once and used again
};

}  // namespace pixmill::runtime
