#include "pixmill/tasks/shapes.h"

namespace pixmill::tasks {}  // namespace pixmill::tasks
