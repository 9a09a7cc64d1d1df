// The cache figures of the last job, stored for `pixmill cache info`.
#pragma once

#include <optional>

#include "pixmill/pipeline/event.h"

namespace pixmill::cli {

// Nothing is stored in a home that cannot be written.
void keep_last_run(const pipeline::CacheUse& use);

std::optional<pipeline::CacheUse> read_last_run();

}  // namespace pixmill::cli
