// `pixmill stats`: what the catalogue knows of pictures, as figures. No model is loaded and no picture read.
#include "pixmill/measure/stats.h"

#include <cstdio>

#include "cli/commands/commands.h"
#include "cli/output/report_page.h"
#include "cli/output/stats_report.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/text.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::cli {
namespace {

pipeline::KnownQuestion question_of(const Invocation& invocation) {
  pipeline::KnownQuestion question;
  question.inputs.inputs = invocation.arguments;
  if (question.inputs.inputs.empty()) question.inputs.inputs = {"."};
  const tasks::Selection selection = tasks::read_selection(invocation.values);
  question.confidence = selection.confidence;
  question.classes = selection.classes;
  question.home = platform::find_home();
  question.stop = [] { return interrupted().load(); };
  return question;
}

// Where nothing can be said.
int nothing(const measure::Stats& stats, const std::string& place) {
  for (const pipeline::Failed& failed : stats.failed) complain(Error(failed.code, failed.message, failed.hint));
  if (stats.pictures == 0 && !stats.failed.empty()) return kNoPicture;
  complain(stats.pictures == 0
               ? Error(ErrorCode::not_found, "no pictures in " + place)
               : Error(ErrorCode::not_found,
                       "nothing is known of the " + count_text(stats.pictures, "picture") + " in " + place,
                       "look at them first, for example: pixmill detect " + place));
  return kNoPicture;
}

}  // namespace

int run_stats(const Invocation& invocation) {
  const Values& values = invocation.values;
  for (const std::string& report : values.texts("report")) check_page_report(report, values.on("overwrite"));
  const pipeline::KnownQuestion question = question_of(invocation);
  const std::string place = joined(question.inputs.inputs, " ");
  const measure::Stats stats = measure::collect_stats(question);
  for (const std::string& warning : stats.warnings) std::fprintf(stderr, "pixmill: %s\n", printable(warning).c_str());
  if (stats.known == 0) return nothing(stats, place);
  for (const pipeline::Failed& failed : stats.failed) complain(Error(failed.code, failed.message, failed.hint));
  if (values.on("json")) {
    std::printf("%s\n", measure::stats_json(stats).c_str());
  } else {
    std::printf("%s", stats_text(stats, terminal_width(stdout)).c_str());
  }
  std::fflush(stdout);  // a report that cannot be written does not change the result
  for (const std::string& report : values.texts("report"))
    write_stats_report(stats, place, report, values.on("overwrite"));
  return stats.failed.empty() ? kAllGood : kSomeFailed;
}

}  // namespace pixmill::cli
