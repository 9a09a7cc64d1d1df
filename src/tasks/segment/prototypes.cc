// YOLO's instance masks: a box's 32 coefficients weigh 32 prototypes, which lie over the model's input.
#include "pixmill/core/error.h"
#include "tasks/segment/decoders.h"

namespace pixmill::tasks {

Detections decode_prototypes(const Seen& seen) {
  throw Error(ErrorCode::unsupported, "model '" + seen.card.id + "': masks are not read yet");
}

}  // namespace pixmill::tasks
