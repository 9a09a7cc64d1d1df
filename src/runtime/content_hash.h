// The key of a model: the hash of its content.
#pragma once

#include <string>

#include "pixmill/runtime/session.h"

namespace pixmill::runtime {

// The model's sha256 in hex: the one that it brings, else computed.
std::string content_hash(const ModelSource& model);

}  // namespace pixmill::runtime
