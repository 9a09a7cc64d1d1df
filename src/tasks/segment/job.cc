// The job `segment`: its options, and how they become a task.
#include "tasks/segment/job.h"

#include <utility>

#include "pixmill/tasks/segment.h"
#include "tasks/detections/flags.h"

namespace pixmill::tasks {

const std::vector<config::Flag>& segment_flags() {
  return finding_flags();
}

JobOptions read_segment(const config::Values& values, const std::string& output, const codecs::DecodeOptions&) {
  JobOptions job;
  job.name_template = "{dir}/{stem}.{ext}";
  read_formats(values, output, job);
  GivenNames names = read_names(values);
  job.files = names.text;
  job.make_task = [options = read_finding(values), selection = read_selection(values),
                   names = std::move(names)](models::ModelCard card) {
    card = with_names(std::move(card), names);
    if (!card.output.classes.empty()) (void)wanted_labels(card.output.classes, selection.classes);
    return make_segment(std::move(card), options);
  };
  return job;
}

}  // namespace pixmill::tasks
