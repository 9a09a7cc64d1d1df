// Results that go to standard output.
#pragma once

#include <cstddef>
#include <span>

namespace pixmill::pipeline {

// All of `bytes`, in as many writes as it takes. Throws Error{unwritable}.
void write_to_standard_output(std::span<const std::byte> bytes);

}  // namespace pixmill::pipeline
