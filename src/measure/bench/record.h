// Benchmarks as JSON: the lines between a bench and its processes, and the report.
#pragma once

#include <nlohmann/json.hpp>

#include "pixmill/measure/bench.h"

namespace pixmill::measure {

nlohmann::ordered_json to_json(const BenchRun& run);
nlohmann::ordered_json to_json(const std::vector<OperatorTime>& operators);

// What a process said. Missing keys keep their defaults; a key of another type throws nlohmann's exception.
BenchRun run_from_json(const nlohmann::ordered_json& json);
std::vector<OperatorTime> operators_from_json(const nlohmann::ordered_json& json);

// On one line; bytes that are no UTF-8 become U+FFFD.
std::string dump_line(const nlohmann::ordered_json& json);

}  // namespace pixmill::measure
