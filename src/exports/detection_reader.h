// What the formats of detections share: those chosen of each entry, and the one list of classes of an export.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pixmill/exports/export.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::exports {

struct Chosen {
  tasks::Detections record;
  std::vector<const tasks::Detection*> found;  // best first; in `record`
};

class DetectionReader {
 public:
  explicit DetectionReader(tasks::Selection selection) : selection_(std::move(selection)) {}

  // Throws Error{usage} where the classes are not those of the entries before: a class is a number in these formats.
  Chosen read(const Entry& entry);

  // Of all entries; empty where there was none.
  const std::vector<std::string>& classes() const;

 private:
  const tasks::Selection selection_;
  tasks::ClassNames classes_;
  std::string first_;  // the picture that they are from
};

}  // namespace pixmill::exports
