// After the first cut-outs with the built-in model: advice on a larger one.
#pragma once

#include "cli/names.h"
#include "pixmill/config/values.h"
#include "pixmill/pipeline/event.h"

namespace pixmill::cli {

// One line on standard error, once for a home: where the starter was used because no other model was named,
// and the model that is advised is not here yet. Nothing with --quiet, --json or --dry-run.
void advise_model(const pipeline::Ended& ended, const Values& values);

}  // namespace pixmill::cli
