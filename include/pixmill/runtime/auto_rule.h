// What "auto" takes for a model on the CPU, by the speeds that were measured there. docs/AUTO.md explains it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pixmill/runtime/session.h"
#include "pixmill/runtime/speed_probe.h"

namespace pixmill::runtime {

// Jobs of fewer pictures do not gain back the time that OpenVINO takes longer to load (0.1 to 1.5 s).
inline constexpr std::int64_t kShortJob = 32;

// The rule's input: a model and its job.
struct RuleInput {
  std::vector<std::string> backends;  // that may run it on the CPU, of "onnxruntime" and "openvino"
  // Lower than the file's own that were measured to be good; int8: there is a file of the model in int8.
  std::vector<Precision> good = {};
  bool quantised = false;          // the file computes in int8
  bool suits_onnxruntime = false;  // ... by operators that only ONNX Runtime has kernels for
  bool integer_operators = false;  // ... by operators of its own (ConvInteger): the probe says nothing of them
  std::int64_t pictures = 0;       // 0: not known, taken for many
};

struct RuleChoice {
  std::string backend;                    // empty: none of the two
  Precision precision = Precision::fp32;  // fp32: as the file is

  bool operator==(const RuleChoice&) const = default;
};

// Pure. A lower precision, or the backend that is not the usual one, is taken only where the probe says that it gains
// at least 1.15 x; with an empty probe neither is. Backends less than 2 x apart in fp32 count as equal in it.
RuleChoice choose_on_cpu(const SpeedProbe& measured, const RuleInput& input);

// `options` with "auto" filled in: precision, and the provider to prefer. What they say stands. `good`: names of
// precisions beside fp32 that the model's card calls good; "int8" only where there is a file for it. On a GPU: the
// first of bf16 and fp16 that is good and native there. `pictures`: of the job, 0: not known. Never throws for a
// missing device: loading with the options throws the reason.
SessionOptions choose_by_rule(const ModelSource& model, SessionOptions options, const std::vector<std::string>& good,
                              std::int64_t pictures, const SpeedProbe& probe);

// Whether choose_by_rule() would ask the probe: something is left open, and the CPU is what runs.
bool asks_probe(const SessionOptions& options);

}  // namespace pixmill::runtime
