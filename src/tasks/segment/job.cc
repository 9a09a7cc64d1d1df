// The job `segment`: its options, and how they become a task.
#include "tasks/segment/job.h"

#include <utility>

#include "pixmill/tasks/segment.h"
#include "tasks/detections/finding.h"
#include "tasks/detections/flags.h"
#include "tasks/segment/sam_flags.h"

namespace pixmill::tasks {
namespace {

// What other segmenters take and a model of prompts does not.
void refuse_for_prompts(const DetectOptions& options, const GivenNames& names, const std::string& model) {
  const std::string end = " has no meaning for '" + model + "', which segments what prompts show";
  require_usable(options.slice == 0, "--slice" + end, "leave it out; --everything finds small things too");
  require_usable(!options.equirect, "--equirect" + end, "leave it out, or take another model");
  require_usable(names.file.empty(), "--names" + end, "--label NAME says what its things are called");
}

}  // namespace

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
    if (takes_prompts(card)) {
      refuse_for_prompts(options, names, card.id);
      return make_sam(card, prompts);
    }
    refuse_prompts(prompts, card.id);
    card = with_names(std::move(card), names);
    if (!card.output.classes.empty()) (void)wanted_labels(card.output.classes, selection.classes);
    return make_segment(std::move(card), options);
  };
  return job;
}

}  // namespace pixmill::tasks
