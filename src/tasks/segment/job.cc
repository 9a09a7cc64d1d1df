// The job `segment`: its options, and how they become a task.
#include "tasks/segment/job.h"

#include <utility>

#include "pixmill/tasks/segment.h"
#include "tasks/detections/flags.h"
#include "tasks/segment/sam_flags.h"

namespace pixmill::tasks {

const std::vector<config::Flag>& segment_flags() {
  static const std::vector<config::Flag> flags = [] {
    std::vector<config::Flag> all = finding_flags();
    for (const config::Flag& flag : prompt_flags()) all.push_back(flag);
    return all;
  }();
  return flags;
}

JobOptions read_segment(const config::Values& values, const std::string& output, const codecs::DecodeOptions&) {
  JobOptions job;
  job.name_template = "{dir}/{stem}.{ext}";
  read_formats(values, output, job);
  GivenNames names = read_names(values);
  std::string prompts_text;
  SamOptions prompts = read_prompts(values, prompts_text);
  job.files = names.text + prompts_text;
  job.make_task = [options = read_finding(values), selection = read_selection(values), names = std::move(names),
                   prompts = std::move(prompts)](models::ModelCard card) {
    if (takes_prompts(card)) return make_sam(card, prompts);
    refuse_prompts(prompts, card.id);
    card = with_names(std::move(card), names);
    if (!card.output.classes.empty()) (void)wanted_labels(card.output.classes, selection.classes);
    return make_segment(std::move(card), options);
  };
  return job;
}

}  // namespace pixmill::tasks
