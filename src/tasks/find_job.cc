#include <algorithm>

#include "pixmill/core/error.h"
#include "pixmill/tasks/job.h"

namespace pixmill::tasks {

std::string_view default_model() {
  for (const Job& job : jobs()) {
    if (!job.default_model.empty()) return job.default_model;
  }
  throw Error(ErrorCode::usage, "no model was named", "name one with --model");
}

const Job* find_job(std::string_view name) {
  const std::span<const Job> all = jobs();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Job& job) { return job.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace pixmill::tasks
