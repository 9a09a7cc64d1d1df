// The bytes of one cached output: tensors, packed without loss, with a checksum.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pixmill/core/tensor.h"

namespace pixmill::pipeline {

// `name`: part of the checksum, so that an entry under another's name is found out.
std::vector<std::byte> pack_entry(std::span<const Tensor> tensors, std::string_view name);

// Nothing where the bytes are not what pack_entry() made under this name.
std::optional<std::vector<Tensor>> unpack_entry(std::span<const std::byte> bytes, std::string_view name);

}  // namespace pixmill::pipeline
