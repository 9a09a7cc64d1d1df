// `pixmill undo`: plans of copies, moves and links are listed and taken back.
#include "pixmill/pipeline/undo.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/commands/flag_tables.h"
#include "cli/commands/transfers.h"
#include "cli/output/event_json.h"
#include "cli/output/live_line.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace {

using nlohmann::ordered_json;
using pipeline::Plan;
using pipeline::Undone;

constexpr const char* kTime = "%Y-%m-%d %H:%M:%S";

void say(const std::string& text) {
  std::printf("%s\n", printable(text).c_str());
}

ordered_json to_json(const Plan& plan) {
  return {{"plan", plan.id},
          {"created", utc_text(static_cast<std::time_t>(plan.created), "%Y-%m-%dT%H:%M:%SZ")},
          {"action", name_of(plan.action)},
          {"state", name_of(plan.state)},
          {"files", plan.files},
          {"undone", plan.undone},
          {"target", plan.target.string()},
          {"asked", plan.asked}};
}

int list(const Invocation& invocation) {
  const std::vector<Plan> plans = pipeline::list_plans(platform::find_home());
  if (invocation.values.on("json")) {
    ordered_json all = ordered_json::array();
    for (const Plan& plan : plans) all.push_back(to_json(plan));
    std::printf("%s\n", dump(all).c_str());
    return kAllGood;
  }
  if (plans.empty()) say("no plans: no files were copied, moved or linked");
  for (const Plan& plan : plans) {
    say(plan.id + "  " + utc_text(static_cast<std::time_t>(plan.created), kTime) + " UTC  " +
        std::string(name_of(plan.state)) + ": " + std::string(name_of(plan.action)) + " of " +
        count_text(plan.files, "file") + " to " + plan.target.string() +
        (plan.undone > 0 && plan.state != pipeline::PlanState::undone ? ", " + std::to_string(plan.undone) + " undone"
                                                                      : ""));
    if (!plan.asked.empty()) say("    " + plan.asked);
  }
  return kAllGood;
}

// "moved back", or what else undoes the action.
std::string taken_back_text(const Plan& plan) {
  return plan.action == pipeline::TransferAction::move ? "moved back" : "removed";
}

void print(const Undone& done, bool dry_run) {
  const std::string plan =
      "plan " + done.plan.id + " (" + std::string(name_of(done.plan.action)) + " to " + done.plan.target.string() + ")";
  if (done.was_undone) return say(plan + " is undone already; pixmill undo --list shows earlier ones");
  std::string text = plan + ": " + (dry_run ? "dry run: " : "") + count_text(done.taken_back, "file") +
                     (dry_run ? " would be " : " ") + taken_back_text(done.plan);
  if (done.nothing > 0) text += ", " + std::to_string(done.nothing) + " not touched by it any more";
  if (!done.left.empty()) text += ", " + std::to_string(done.left.size()) + " left";
  if (done.interrupted) text += "; stopped: the same command goes on";
  say(text);
}

ordered_json to_json(const Undone& done, bool dry_run) {
  ordered_json json = to_json(done.plan);
  json["dry_run"] = dry_run;
  json["was_undone"] = done.was_undone;
  json["taken_back"] = done.taken_back;
  json["nothing"] = done.nothing;
  json["interrupted"] = done.interrupted;
  json["left"] = cli::to_json(done.left);
  json["warnings"] = done.warnings;
  return json;
}

}  // namespace

pipeline::TransferWatch watch_of(const Invocation& invocation, LiveLine& live) {
  const Values& values = invocation.values;
  pipeline::TransferWatch watch;
  watch.progress = [&live](const pipeline::TransferProgress& now) {
    live.show(std::to_string(now.done + now.there + now.failed) + " of " + count_text(now.total, "file"));
  };
  if (values.on("json") || values.on("quiet") || (!values.on("dry-run") && !values.on("verbose"))) return watch;
  watch.file = [&live](const std::filesystem::path& from, const std::filesystem::path& to) {
    live.clear();
    say(to.empty() ? "remove " + from.string() : from.string() + " -> " + to.string());
  };
  return watch;
}

int undo_plan(const std::string& plan, const Invocation& invocation) {
  const Values& values = invocation.values;
  const pipeline::UndoSpec spec{plan, values.on("dry-run"), platform::find_home()};
  LiveLine live(!values.on("json") && !values.on("quiet"));
  const Undone done = pipeline::undo(spec, watch_of(invocation, live), interrupted());
  live.clear();
  if (values.on("json")) {
    std::printf("%s\n", dump(to_json(done, spec.dry_run)).c_str());
  } else {
    if (!values.on("quiet")) print(done, spec.dry_run);
    for (const pipeline::Failed& one : done.left) complain(Error(one.code, one.message, one.hint));
    for (const std::string& warning : done.warnings) complain(Error(ErrorCode::usage, warning, ""));
  }
  if (done.interrupted) return kInterrupted;
  return done.left.empty() ? kAllGood : kSomeFailed;
}

int run_undo(const Invocation& invocation) {
  if (invocation.values.on("list")) return list(invocation);
  if (invocation.arguments.size() > 1)
    throw Error(ErrorCode::usage, "undo takes back one plan at a time", "pixmill undo --list shows all");
  return undo_plan(invocation.arguments.empty() ? "" : invocation.arguments.front(), invocation);
}

const std::vector<config::Flag>& undo_plan_flags() {
  static const std::vector<config::Flag> flags = {
      {.name = "undo",
       .kind = config::Kind::text,
       .value = "PLAN",
       .group = config::kOutputs,
       .help = "take this plan back, or the last one, as pixmill undo does, and do nothing else",
       .setting = false},
  };
  return flags;
}

std::vector<const config::Flag*> undo_flags() {
  static const std::vector<config::Flag> flags = {
      {.name = "list",
       .letter = 'l',
       .group = config::kRun,
       .help = "show all plans: when, what, how many files, how they ended",
       .basic = true,
       .setting = false},
  };
  return config::pointers(flags, {"dry-run", "quiet", "verbose"});
}

}  // namespace pixmill::cli
