// Pictures that are alike by their vectors, beside those that are by their hashes.
#pragma once

#include <cstddef>
#include <vector>

#include "cli/names.h"
#include "pixmill/pipeline/recorded.h"
#include "pixmill/tasks/dedup.h"

namespace pixmill::cli {

// By --similarity, of the records of vectors of this job; with progress on the terminal. `pictures`: their places in
// the job, ascending; a pair has two indices into it. Throws Error{interrupted}, and what reading the records throws.
std::vector<tasks::AlikePair> alike_by_vectors(const pipeline::Recorded& recorded,
                                               const std::vector<std::size_t>& pictures, const Values& values);

}  // namespace pixmill::cli
