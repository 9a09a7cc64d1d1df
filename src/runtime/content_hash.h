// What tells one model from another.
#pragma once

#include <string>

#include "pixmill/runtime/session.h"

namespace pixmill::runtime {

// The model's sha256 in hex: the one that it brings, else computed.
std::string content_hash(const ModelSource& model);

}  // namespace pixmill::runtime
