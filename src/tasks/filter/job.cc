// The job `filter`: what detect or segment finds, and a rule that is asked of it.
#include "tasks/filter/job.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "pixmill/core/error.h"
#include "tasks/detections/finder.h"
#include "tasks/detections/flags.h"

namespace pixmill::tasks {
namespace {

using config::Flag;
using config::Kind;

// Of labels and drawn pictures: `detect` makes them.
constexpr std::array<std::string_view, 3> kOfLabels = {"format", "draw", "crops"};

std::vector<Flag> all_flags() {
  std::vector<Flag> flags = rule_flags();
  flags.push_back({.name = "known",
                   .group = rule_flags().front().group,
                   .help = "ask only what is known of the pictures, labels that were imported among it: no model runs",
                   .basic = true});
  flags.push_back({.name = "format",
                   .kind = Kind::choice,
                   .value = "F",
                   .fallback = "txt",
                   .group = config::kOutputs,
                   .help = "of the list: a path a line, or with what was found",
                   .choices = {"txt", "csv", "json"},
                   .basic = true,
                   .section_only = true});
  flags.push_back({.name = "print0",
                   .letter = '0',
                   .group = config::kOutputs,
                   .help = "paths end with NUL: pixmill filter ... -0 | xargs -0 ..."});
  flags.push_back({.name = "copy", .group = config::kOutputs, .help = "the list goes to the clipboard too"});
  for (const Flag& flag : finding_flags()) {
    if (std::find(kOfLabels.begin(), kOfLabels.end(), flag.name) == kOfLabels.end()) flags.push_back(flag);
  }
  return flags;
}

// What is known has names of several models, whose numbers differ.
void refuse_numbers(const std::vector<std::string>& classes) {
  for (const std::string& name : classes) {
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    throw Error(ErrorCode::usage, "--classes " + name + ": with --known a class has no number", "write its name");
  }
}

}  // namespace

const std::vector<Flag>& filter_flags() {
  static const std::vector<Flag> flags = all_flags();
  return flags;
}

JobOptions read_filter(const config::Values& values, const std::string&, const codecs::DecodeOptions&) {
  JobOptions job;
  job.name_template = "{dir}/{stem}.{ext}";
  GivenNames names = read_names(values);
  job.files = names.text;
  job.rule = std::make_shared<Rule>(read_rule(values));
  job.known_only = values.on("known");
  if (job.known_only) refuse_numbers(read_selection(values).classes);
  add_sheet(values, job);
  job.make_task = [options = read_finding(values), names = std::move(names), rule = job.rule](models::ModelCard card) {
    card = with_names(std::move(card), names);
    if (!card.output.classes.empty()) rule->check_classes(card.output.classes);
    return make_finder(std::move(card), options);
  };
  return job;
}

}  // namespace pixmill::tasks
