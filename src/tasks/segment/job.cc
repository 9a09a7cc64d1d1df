// The job `segment`: its options, and how they become a task.
#include "tasks/segment/job.h"

#include "pixmill/tasks/segment.h"
#include "tasks/detections/flags.h"

namespace pixmill::tasks {

const std::vector<config::Flag>& segment_flags() {
  return finding_flags();
}

JobOptions read_segment(const config::Values& values, const std::string&, const codecs::DecodeOptions&) {
  JobOptions job;
  job.name_template = "{dir}/{stem}.{ext}";
  job.record_kind = kDetections;
  job.formats = values.texts("format");
  job.make_task = [options = read_finding(values), selection = read_selection(values)](models::ModelCard card) {
    if (!card.output.classes.empty()) (void)wanted_labels(card.output.classes, selection.classes);
    return make_segment(std::move(card), options);
  };
  return job;
}

}  // namespace pixmill::tasks
