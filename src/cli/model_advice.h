// After the first cut-outs with the built-in model: what a larger one would bring.
#pragma once

#include "cli/names.h"
#include "pixmill/config/values.h"
#include "pixmill/pipeline/event.h"

namespace pixmill::cli {

// One line on standard error, once in the life of a home: where the starter was taken because nothing else was named,
// and the model that is advised is not here yet. Nothing with --quiet, --json or --dry-run.
void advise_model(const pipeline::Ended& ended, const Values& values);

}  // namespace pixmill::cli
