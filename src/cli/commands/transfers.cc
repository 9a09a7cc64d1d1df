#include "cli/commands/transfers.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>

#include "cli/app.h"
#include "cli/commands/commands.h"
#include "cli/output/event_json.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"

namespace pixmill::cli {
namespace fs = std::filesystem;
namespace {

void print(const pipeline::Transferred& done, pipeline::TransferAction action) {
  nlohmann::ordered_json json = {{"event", "transferred"},          {"action", name_of(action)},
                                 {"target", done.target.string()},  {"plan", done.plan},
                                 {"done", done.count.done},         {"there", done.count.there},
                                 {"bytes", done.count.bytes},       {"resumed", done.resumed},
                                 {"interrupted", done.interrupted}, {"stopped_because", done.stopped_because}};
  json["failed"] = to_json(done.failed);
  json["warnings"] = done.warnings;
  std::printf("%s\n", dump(json).c_str());
}

void say(const pipeline::Transferred& done, const pipeline::TransferSpec& spec, bool quiet) {
  for (const pipeline::Failed& one : done.failed) complain(Error(one.code, one.message, one.hint));
  for (const std::string& warning : done.warnings) complain(Error(ErrorCode::usage, warning, ""));
  if (quiet) return;
  std::string text = std::string(name_of(spec.action)) + ": " + count_text(done.count.done, "picture") +
                     (spec.dry_run ? " would go" : "") + " to " + done.target.string();
  if (done.count.there > 0) text += ", " + std::to_string(done.count.there) + " there already";
  if (!done.failed.empty()) text += ", " + std::to_string(done.failed.size()) + " failed";
  if (!done.stopped_because.empty()) text += "; stopped: " + done.stopped_because;
  if (!done.plan.empty()) text += "; pixmill undo takes it back (plan " + done.plan + ")";
  std::fprintf(stderr, "%s\n", printable(text).c_str());
}

}  // namespace

pipeline::TransferSpec transfer_spec(const Invocation& invocation, const pipeline::JobSpec& spec,
                                     pipeline::TransferAction action, const std::vector<fs::path>& roots) {
  return {.action = action,
          .roots = roots,
          .target = invocation.values.text("output"),
          .asked = command_line(invocation, {"quiet", "verbose", "json", "dry-run"}),
          .dry_run = spec.dry_run,
          .home = spec.home};
}

pipeline::Transferred transfer_and_say(const pipeline::TransferSpec& spec, pipeline::Catalogue& catalogue,
                                       const Invocation& invocation) {
  const Values& values = invocation.values;
  LiveLine live(!values.on("json") && !values.on("quiet"));
  pipeline::Transferred done = pipeline::transfer(spec, catalogue, watch_of(invocation, live), interrupted());
  live.clear();
  values.on("json") ? print(done, spec.action) : say(done, spec, values.on("quiet"));
  return done;
}

// As it is where it is gone meanwhile: whoever wants the files in it says so.
fs::path FoldersWithoutLinks::file(const fs::path& named) {
  if (folder_.empty() || named.parent_path() != named_) {
    named_ = named.parent_path();
    const fs::path folder = named_.empty() ? "." : named_;
    std::error_code error;
    folder_ = fs::canonical(folder, error);
    if (error) folder_ = fs::absolute(folder);
  }
  return folder_ / named.filename();
}

}  // namespace pixmill::cli
