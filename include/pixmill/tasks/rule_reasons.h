// The things that made a picture a hit of a rule.
#pragma once

#include <cstdint>
#include <string_view>

#include "pixmill/tasks/rule.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// A record of detections with those things alone that the rule counted, as Rule::reasons() has them; none where it does
// not hold. `name` and `changed`: as in RulePicture. Throws what reading the record throws.
Record only_reasons(const Rule& rule, const Record& record, std::string_view name, std::int64_t changed);

}  // namespace pixmill::tasks
