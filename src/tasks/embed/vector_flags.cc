#include "pixmill/tasks/vector_flags.h"

namespace pixmill::tasks {

const std::vector<config::Flag>& vector_flags() {
  static const std::vector<config::Flag> flags = {
      {.name = "normalize",
       .group = kVectorFlags,
       .help = "vectors of length 1 in the file, so that their products are cosines",
       .basic = true,
       .also = "normalise"},
      {.name = "dtype",
       .kind = config::Kind::choice,
       .value = "T",
       .fallback = "f32",
       .group = kVectorFlags,
       .help = "of the values in the file, where it has bytes",
       .choices = {"f32", "f16"}}};
  return flags;
}

VectorOptions read_vector_options(const config::Values& values) {
  return {.normalise = values.on("normalize"), .halves = values.text("dtype") == "f16"};
}

}  // namespace pixmill::tasks
