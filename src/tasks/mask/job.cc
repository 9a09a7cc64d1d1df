// The job `mask`: things are found as detect and segment find them, so that their results are shared; the masks are
// made of the records.
#include "tasks/mask/job.h"

#include <utility>

#include "pixmill/tasks/masking.h"
#include "tasks/detections/finder.h"
#include "tasks/detections/flags.h"

namespace pixmill::tasks {
namespace {

// What the options ask for is among the model's classes.
void require_classes(const models::ModelCard& card, const MaskOptions& options) {
  if (card.output.classes.empty()) return;
  Detections nothing;
  nothing.classes = shared_names(card.output.classes);
  (void)things_to_mask(nothing, options);
}

}  // namespace

const std::vector<config::Flag>& mask_job_flags() {
  static const std::vector<config::Flag> flags = [] {
    std::vector<config::Flag> all = mask_flags(true);
    all.push_back({.name = "overlay",
                   .group = all.front().group,
                   .help = "also each photograph, masked and beside its mask, as one picture to look at",
                   .basic = true});
    for (const config::Flag& flag : finding_flags()) {
      if (flag.name != "format") all.push_back(flag);
    }
    return all;
  }();
  return flags;
}

JobOptions read_mask(const config::Values& values, const std::string&, const codecs::DecodeOptions&) {
  JobOptions job;
  job.name_template = "{dir}/{stem}.{ext}";
  job.formats = {"mask"};
  if (values.on("overlay")) job.formats.emplace_back("overlay");
  add_picture_formats(values, job);
  GivenNames names = read_names(values);
  job.files = names.text;
  job.make_task = [options = read_finding(values), mask = read_mask_options(values),
                   names = std::move(names)](models::ModelCard card) {
    card = with_names(std::move(card), names);
    require_classes(card, mask);
    return make_finder(std::move(card), options);
  };
  return job;
}

}  // namespace pixmill::tasks
