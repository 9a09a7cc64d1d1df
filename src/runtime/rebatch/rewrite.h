// The changed file, field by field: what does not change is not copied.
#pragma once

#include "pixmill/runtime/rebatch.h"
#include "runtime/rebatch/flow.h"

namespace pixmill::runtime::rebatch {

// Fills the pieces of `plan`. `batch_input`: whose first dimension is the batch; `dimension`: its name.
void rewrite(Bytes model, const Graph& graph, const Flow& flow, const std::string& batch_input,
             const std::string& dimension, RebatchPlan& plan);

}  // namespace pixmill::runtime::rebatch
