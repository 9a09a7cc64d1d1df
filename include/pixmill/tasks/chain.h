// Several tasks as one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

struct ChainStep {
  std::unique_ptr<Task> task;
  std::string name = {};  // that messages give it beside the task's; empty: none
};

// Each step gets the picture that the one before it made, as it would come back from a lossless file: 8 bits stay 8,
// 16 stay 16, floats become 16; but it is never encoded. The products are those of the last step, the records and
// graphs those of all, in their order. What a step throws says which one it was: "step 2, cutout: ...". Throws
// Error{usage} without a step, and where a step before the last one makes more or less than one product.
std::unique_ptr<Task> make_chain(std::vector<ChainStep> steps);

// "step 2, cutout", or "step 2, white (cutout)". `index`: from 0.
std::string step_text(std::size_t index, std::string_view task, std::string_view name);

}  // namespace pixmill::tasks
