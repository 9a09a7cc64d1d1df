// The base of all sessions: the facts, checked inputs, measured memory, converted outputs.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "runtime/backends.h"
#include "runtime/hardware.h"
#include "runtime/ports.h"

namespace pixmill::runtime {

class BackendSession : public Session {
 public:
  const ModelSignature& signature() const final { return signature_; }
  const SessionInfo& info() const final { return info_; }
  std::size_t memory_bytes() const final { return memory_.bytes(); }

  std::vector<Tensor> run_inputs(std::span<const Tensor* const> inputs, std::span<const int> wanted) final {
    const Inputs checked(signature_, inputs);
    const std::vector<int> indices = wanted_outputs(signature_, wanted);
    std::vector<Tensor> outputs;
    memory_.around([&] { outputs = infer(checked, indices); });
    for (Tensor& output : outputs) output = finished(std::move(output));
    return outputs;
  }

 protected:
  BackendSession(const LoadRequest& request, std::vector<std::string> warnings)
      : signature_(request.file.signature),
        info_(described(request, std::move(warnings))),
        memory_(request.model.bytes.size(), request.placement.streams) {}

  // The last step of every constructor, when placement and precision stand in `info_`.
  void loaded(const LoadRequest& request) {
    warn_of_precision(info_, request.placement.precision);
    memory_.loaded();
    info_.load_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  // One inference; returns the outputs of these indices as the vendor has them. Safe from many threads. Throws Error.
  virtual std::vector<Tensor> infer(const Inputs& inputs, const std::vector<int>& indices) = 0;

  ModelSignature signature_;
  SessionInfo info_;

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  MemoryEstimate memory_;
};

}  // namespace pixmill::runtime
