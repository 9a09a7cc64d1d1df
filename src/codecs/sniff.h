// Recognises the format of a file by its first bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {

// As sniff(), but says why a file is not supported. Throws Error{corrupt} for an empty file, else Error{unsupported}.
Format identify(std::span<const std::byte> file, std::string_view name);

}  // namespace pixmill::codecs
