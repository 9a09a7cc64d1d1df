// How the caches did in the last job, kept for `pixmill cache info`.
#pragma once

#include <optional>

#include "pixmill/pipeline/event.h"

namespace pixmill::cli {

// A home that cannot be written keeps none.
void keep_last_run(const pipeline::CacheUse& use);

std::optional<pipeline::CacheUse> read_last_run();

}  // namespace pixmill::cli
