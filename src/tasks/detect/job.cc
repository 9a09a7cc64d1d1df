// The job `detect`: its options, and how they become a task.
#include "tasks/detect/job.h"

#include <utility>

#include "pixmill/tasks/detect.h"
#include "tasks/detections/flags.h"

namespace pixmill::tasks {

const std::vector<config::Flag>& detect_flags() {
  return finding_flags();
}

JobOptions read_detect(const config::Values& values, const std::string& output, const codecs::DecodeOptions&) {
  JobOptions job;
  job.name_template = "{dir}/{stem}.{ext}";
  read_formats(values, output, job);
  GivenNames names = read_names(values);
  job.files = names.text;
  job.make_task = [options = read_finding(values), selection = read_selection(values),
                   names = std::move(names)](models::ModelCard card) {
    card = with_names(std::move(card), names);
    if (!card.output.classes.empty()) (void)wanted_labels(card.output.classes, selection.classes);
    return make_detect(std::move(card), options);
  };
  return job;
}

}  // namespace pixmill::tasks
