// A machine as text and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "pixmill/measure/machine.h"

namespace pixmill::cli {

nlohmann::ordered_json to_json(const measure::Machine& machine);
nlohmann::ordered_json to_json(const runtime::BackendStatus& backend);

// One paragraph, without a line break: "Intel ..., 2 cores (AVX2, ...), 23.4 GiB; ...".
std::string text_of(const measure::Machine& machine);

}  // namespace pixmill::cli
