// The setup that set_up() was given; all empty without one.
#pragma once

#include "pixmill/runtime/setup.h"

namespace pixmill::runtime {

const Setup& current_setup();

}  // namespace pixmill::runtime
