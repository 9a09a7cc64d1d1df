// ONNX Runtime's trace of an inference, read.
#pragma once

#include <filesystem>
#include <vector>

#include "pixmill/measure/bench.h"

namespace pixmill::measure {

// The ten kinds of operators that took longest, slowest first. `trace`: the JSON that ONNX Runtime's profiling writes,
// of so many inferences. Throws Error{corrupt} where it is none.
std::vector<OperatorTime> slowest_operators(const std::filesystem::path& trace, int inferences);

}  // namespace pixmill::measure
