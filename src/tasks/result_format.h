// The format of a job's pictures, for jobs that let the user choose.
#pragma once

#include <optional>
#include <string>

#include "pixmill/codecs/codec.h"
#include "pixmill/config/values.h"
#include "pixmill/core/error.h"

namespace pixmill::tasks {

// The format that the ending of -o FILE names; empty where -o is no file or its ending no format.
std::optional<codecs::Format> format_of_output(const std::string& output);

// `output` cannot be what it is called.
Error refused_output(const std::string& output, const std::string& why);

// The ending of -o FILE decides, unless --format was typed; then the two must agree. Throws Error{usage} where they do
// not, and for an ending that --format does not offer.
codecs::Format result_format(const config::Values& values, const std::string& output);

}  // namespace pixmill::tasks
