// Whether repeated measurements are consistent.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pixmill/runtime/session.h"

namespace pixmill::runtime {

// `rounds`: milliseconds of every way, measured in turns: rounds[round][way]. Returns the least time of each way: what
// disturbs a measurement only ever makes it longer. Nothing where fewer than four rounds are there, or where the ratio
// of a way to the first one is not the same, within 15 %, in the first half of the rounds and in the second; a machine
// that is slow for a while slows all alike.
std::optional<std::vector<double>> steady_times(const std::vector<std::vector<double>>& rounds);

// Milliseconds of processor time of this process so far, all of its threads: other programs hardly change it.
double processor_ms();

// The same of one inference.
double time_of(Session& session, const Tensor& input);

// The model in "onnxruntime" or "openvino" on one thread of the CPU, as it is measured: nothing of it is cached on
// disk. `shape`: of every input, empty where it is left open. Throws what loading throws.
std::shared_ptr<Session> load_to_measure(const ModelSource& model, const std::string& backend, Precision precision,
                                         const std::vector<std::int64_t>& shape = {});

}  // namespace pixmill::runtime
