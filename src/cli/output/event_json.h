// Events as JSON: the printer behind --json and the report. docs/events.md holds the schema.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "pixmill/pipeline/event.h"

namespace pixmill::cli {

// One object; every text in it is valid UTF-8 (other bytes of a file name become U+FFFD, and "input_bytes" has them in
// hex so that nothing is lost).
nlohmann::ordered_json to_json(const pipeline::Event& event);

nlohmann::ordered_json to_json(const pipeline::CacheUse& use);
pipeline::CacheUse cache_use_from(const nlohmann::ordered_json& json);  // throws nlohmann's exceptions

// A list of those events.
nlohmann::ordered_json to_json(const std::vector<pipeline::Failed>& failures);

double rounded(double value);  // to thousandths, as the events have numbers

std::string dump(const nlohmann::ordered_json& json);  // on one line

}  // namespace pixmill::cli
