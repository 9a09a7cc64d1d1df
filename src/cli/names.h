// The names of the module config that every command uses.
#pragma once

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"

namespace pixmill::cli {

using config::Command;
using config::find_flag;
using config::Flag;
using config::job_flag;
using config::job_flags;
using config::kEngine;
using config::Kind;
using config::kInputs;
using config::kOutputs;
using config::kRun;
using config::Origin;
using config::refuse_value;
using config::Values;

}  // namespace pixmill::cli
