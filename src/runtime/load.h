// Loading a model by an existing plan.
#pragma once

#include <memory>

#include "runtime/backends.h"
#include "runtime/plan.h"

namespace pixmill::runtime {

// Tries the plan's candidates in order; what failed before the one that loaded stands in its warnings. Throws Error.
std::shared_ptr<Session> load_planned(const ModelSource& model, const Plan& plan);

}  // namespace pixmill::runtime
