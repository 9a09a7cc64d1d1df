// Several tasks as one.
#pragma once

#include <memory>
#include <vector>

#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// Each step gets the picture that the one before it made, at full depth and never encoded in between; the products are
// those of the last one, the records and graphs those of all, in their order. Throws Error{usage} without a step, and
// where a step before the last one makes more or less than one product.
std::unique_ptr<Task> make_chain(std::vector<std::unique_ptr<Task>> steps);

}  // namespace pixmill::tasks
