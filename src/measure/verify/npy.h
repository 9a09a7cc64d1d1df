// Tensors as files that NumPy reads.
#pragma once

#include <filesystem>

#include "pixmill/core/tensor.h"

namespace pixmill::measure {

// In NumPy's format 1.0 (numpy.lib.format). Element types that NumPy knows: f16, f32, f64 and the integers.
// Throws Error: unsupported, and as writing files does.
void write_npy(const std::filesystem::path& path, const Tensor& tensor);

}  // namespace pixmill::measure
