#include "exports/found_boxes.h"

#include <charconv>

#include "pixmill/core/error.h"

namespace pixmill::exports {

FoundBoxes BoxReader::read(const Entry& entry) {
  const tasks::Detections found = tasks::unpack_detections(entry.kind, entry.body, entry.picture);
  if (classes_ == nullptr) {
    classes_ = found.classes;
    first_ = entry.picture;
  } else if (classes_ != found.classes && *classes_ != *found.classes) {
    throw Error(ErrorCode::usage,
                std::string(entry.picture) + " was looked at with other classes than " + first_ +
                    ", so they do not fit into one export",
                "run the job over both with one model, or export their folders one by one with --from");
  }
  return {found.picture, tasks::select(found, selection_)};
}

const std::vector<std::string>& BoxReader::classes() const {
  static const std::vector<std::string> none;
  return classes_ == nullptr ? none : *classes_;
}

std::string fixed(double value, int digits) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits);
  return error == std::errc() ? std::string(text, end) : "0";
}

}  // namespace pixmill::exports
