// How fast the CPU is through each backend and in each precision: measured on a small network, because the
// processor's flags do not show it. bf16 is 4 x fp32 with AMX and 0.63 x on processors that have avx512_bf16 alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/runtime/session.h"

namespace pixmill::runtime {

struct ProbedSpeed {
  std::string backend;  // "onnxruntime", "openvino"
  Precision precision = Precision::fp32;
  double ms = 0.0;  // of one inference on one thread

  bool operator==(const ProbedSpeed&) const = default;
};

// Empty: not measured.
struct SpeedProbe {
  std::vector<ProbedSpeed> speeds;

  // Milliseconds of that way; nothing where it was not measured.
  std::optional<double> ms(std::string_view backend, Precision precision) const;
  // How many times as fast as fp32 a precision is in that backend; nothing where one of them was not measured.
  std::optional<double> gain(std::string_view backend, Precision precision) const;

  bool operator==(const SpeedProbe&) const = default;
};

// Runs the network (3x3, 1x1 and depthwise convolutions) in ONNX Runtime and OpenVINO, in fp32 and each precision that
// the CPU has instructions for, in turns; under half a second on an idle machine. By the processor time of this
// process, so other programs hardly count; other threads of this one must be idle. Nothing where the times did not
// agree with one another, or where no backend is there.
std::optional<SpeedProbe> measure_speeds();

// Which of "onnxruntime" and "openvino" runs this model faster on one thread of the CPU, in the file's own precision:
// by processor time, in turns, on zeros of `shape` (of its one input, f32). Between the backends no network tells of
// another one. It loads the model in both, tenths of a second. Nothing where one of them does not load it, the times
// did not agree, or asking costs more than it can gain: weights above 64 MiB, an inference above 100 ms.
std::optional<std::string> faster_backend(const ModelSource& model, const std::vector<std::int64_t>& shape);

// The processor, its vector instructions, cores that may be used, and versions of the backends: what a probe holds for.
std::string speed_key();

}  // namespace pixmill::runtime
