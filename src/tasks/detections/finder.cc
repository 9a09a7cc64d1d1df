#include "tasks/detections/finder.h"

#include <utility>

#include "pixmill/tasks/segment.h"
#include "tasks/detections/finding.h"
#include "tasks/segment/sam.h"

namespace pixmill::tasks {

std::unique_ptr<Task> make_finder(models::ModelCard card, const DetectOptions& options) {
  require_usable(!takes_prompts(card),
                 "the model '" + card.id + "' segments what prompts show, and finds nothing by itself",
                 "take a detector or a segmenter: pixmill models list");
  return card.task == "detect" ? make_detect(std::move(card), options) : make_segment(std::move(card), options);
}

}  // namespace pixmill::tasks
