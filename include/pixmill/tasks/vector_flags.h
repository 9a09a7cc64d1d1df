// Options of files of feature vectors.
#pragma once

#include <string_view>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"

namespace pixmill::tasks {

inline constexpr std::string_view kVectorFlags = "Vectors";

struct VectorOptions {
  bool normalise = false;  // to a Euclidean length of 1
  bool halves = false;     // 16 bits for a value, where the format has numbers of bytes
};

const std::vector<config::Flag>& vector_flags();
VectorOptions read_vector_options(const config::Values& values);

}  // namespace pixmill::tasks
