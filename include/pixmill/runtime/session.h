// A loaded model on a device. ONNX Runtime, OpenVINO and the other runtimes stay behind this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/tensor.h"

namespace pixmill::runtime {

enum class Precision { automatic, fp32, fp16, bf16, int8 };

std::string_view name_of(Precision precision);  // "auto", "fp32", ...
std::optional<Precision> precision_from(std::string_view name);

// Where and how a model shall run. Defaults are right for a folder of pictures on any machine.
struct SessionOptions {
  std::string backend = "auto";  // auto | onnxruntime | openvino
  std::string device = "auto";   // auto | cpu | cuda[:i] | tensorrt | openvino[:GPU|NPU] | directml | coreml | webgpu
  // A provider's id that "auto" tries before the others, where `device`, `backend` and `deny` leave it the choice.
  std::string prefer = {};
  Precision precision = Precision::automatic;
  int streams = 0;  // inferences that run side by side; 0: one per core
  int threads = 0;  // threads of one inference; 0: cores / streams
  // Of the first input, where every inference will have it: OpenVINO is up to 1.25 times as fast as with a shape that
  // may change. Empty: whatever comes.
  std::vector<std::int64_t> shape = {};
  bool require_device = false;         // an unavailable device is an error even for "auto"
  std::vector<std::string> deny = {};  // providers or backends that the model's card forbids
  // ONNX Runtime and OpenVINO write the times of their operators to a file that begins so, at the end of the session,
  // as JSON events of the Trace Event Format. Empty: no trace.
  std::string profile = {};
  std::map<std::string, std::string> provider_options = {};  // beside ours or in their place, in the runtime's words
  bool keep_compiled = true;  // in Setup::engines; false for a model that is loaded once and never again

  bool operator==(const SessionOptions&) const = default;
};

struct SessionInfo;

// Id of the provider that load_session() tries first under `options`. Throws Error{usage, no_device} as it does.
std::string first_provider(const SessionOptions& options);

// What load_session() will try first under `options`, without loading a model: backend, device, precision (fp32 where
// the backend computes the requested one in fp32), streams and threads. Throws Error{usage, no_device} as it does.
SessionInfo plan_session(const SessionOptions& options);

// A model's bytes. They must outlive the call they are given to, no longer.
struct ModelSource {
  std::string name;                  // for messages: a path or an id
  std::span<const std::byte> bytes;  // the whole file
  std::string content_hash;          // sha256 in hex; computed when empty
};

// What a session became. Read back from the runtime: backend_version; with ONNX Runtime and OpenVINO `placement`; with
// CUDA, TensorRT and OpenVINO `options`; with OpenVINO `precision`, which elsewhere follows from the file, the provider
// and the request. `device`, `streams` and `threads` are those that were requested, after fall-backs; with OpenCV and
// LibTorch `placement` counts the nodes of the file.
struct SessionInfo {
  std::string backend;          // "onnxruntime"
  std::string backend_version;  // "1.31.1"
  std::string device;           // "cpu"
  Precision precision = Precision::fp32;
  int streams = 1;
  int threads = 1;
  std::map<std::string, int> placement;             // nodes by provider: {"CPUExecutionProvider": 112}
  std::map<std::string, std::string> options = {};  // of the provider
  double load_seconds = 0.0;
  std::vector<std::string> warnings;  // fall-backs and the like, in words
};

// Safe to call from many threads; up to info().streams calls run side by side, more wait or share.
class Session {
 public:
  virtual ~Session() = default;

  virtual const ModelSignature& signature() const = 0;
  virtual const SessionInfo& info() const = 0;
  virtual std::size_t memory_bytes() const = 0;  // an estimate: weights and arenas

  // One inference. `inputs` in the model's order; shapes must fit the signature. Returns the outputs whose indices are
  // in `wanted` (all when empty), in that order.
  // Throws Error: usage (wrong count, shape or type), out_of_memory, internal.
  virtual std::vector<Tensor> run_inputs(std::span<const Tensor* const> inputs, std::span<const int> wanted) = 0;

  // The same of tensors that lie side by side.
  std::vector<Tensor> run(std::span<const Tensor> inputs, std::span<const int> wanted = {}) {
    std::vector<const Tensor*> pointers;
    for (const Tensor& input : inputs) pointers.push_back(&input);
    return run_inputs(pointers, wanted);
  }
};

// Loads without any cache. Throws Error: bad_model (not a model, damaged, an operator unknown here), no_device (with
// the reason and what would bring it), out_of_memory, usage (an unknown name, with the nearest known one).
std::shared_ptr<Session> load_session(const ModelSource& model, const SessionOptions& options);

// The signature in the file, without loading the model. Throws Error{bad_model}.
ModelSignature read_signature(const ModelSource& model);

// The same of a file's bytes; the model store asks for it in this form.
ModelSignature signature_of(const std::string& name, std::span<const std::byte> bytes);

// Loaded models of this process, by content of the model and options: never by path. One build per key however many
// ask at once; bounded in bytes, least recently used first out; a session in use stays valid. Thread-safe.
class SessionCache {
 public:
  static constexpr std::size_t kDefaultBudget = std::size_t{4} << 30;
  explicit SessionCache(std::size_t budget_bytes = kDefaultBudget);
  ~SessionCache();

  // Loads on a miss, and, on devices whose first inference is slower than the others (not the CPU), warms up: one
  // inference on zeros of the model's input shape (dynamic dimensions: `warm_shape`, else no warm-up). An exception of
  // the builder reaches everyone who waited, and is not cached.
  std::shared_ptr<Session> get(const ModelSource& model, const SessionOptions& options,
                               std::span<const std::int64_t> warm_shape = {});
  // Removes the session of that model and these options, if there is one; users of it keep it. Throws as get() does.
  void drop(const ModelSource& model, const SessionOptions& options);
  void clear();
  // The new limit in bytes; what exceeds it is removed at once. 0 caches nothing.
  void set_budget(std::size_t budget_bytes);

  struct Stats {
    std::size_t sessions = 0, bytes = 0, budget_bytes = 0, hits = 0, misses = 0, evictions = 0;
  };
  Stats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pixmill::runtime
