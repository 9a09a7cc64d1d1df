#include "exports/detection_reader.h"

#include "pixmill/core/error.h"

namespace pixmill::exports {

Chosen DetectionReader::read(const Entry& entry) {
  Chosen chosen{tasks::unpack_detections(entry.kind, entry.body, entry.picture), {}};
  const tasks::Detections& found = chosen.record;
  if (classes_ == nullptr) {
    classes_ = found.classes;
    first_ = entry.picture;
  } else if (classes_ != found.classes && *classes_ != *found.classes) {
    throw Error(ErrorCode::usage,
                std::string(entry.picture) + " was looked at with other classes than " + first_ +
                    ", so they do not fit into one export",
                "run the job over both with one model, or export their folders one by one with --from");
  }
  chosen.found = tasks::select(found, selection_);
  return chosen;
}

const std::vector<std::string>& DetectionReader::classes() const {
  static const std::vector<std::string> none;
  return classes_ == nullptr ? none : *classes_;
}

}  // namespace pixmill::exports
