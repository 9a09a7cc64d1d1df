// Inputs and outputs of a model, as JSON and as text.
#pragma once

#include <string>

#include "cli/output/event_json.h"
#include "pixmill/core/tensor.h"

namespace pixmill::cli {

// {"name": "image", "type": "f32", "shape": ["batch", 3, -1, 320]}: a name or -1 where a dimension is dynamic.
nlohmann::ordered_json to_json(const Port& port);

// "dynamic (height)", "dynamic", "fixed (320)", of an element of "shape".
std::string dimension_text(const nlohmann::ordered_json& extent);

// The "inputs" and "outputs" of `file`, one line for each port and each of its dimensions.
void print_ports(const nlohmann::ordered_json& file);

}  // namespace pixmill::cli
