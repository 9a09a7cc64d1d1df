#include "cli/commands/hits.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/commands/job.h"
#include "cli/commands/transfers.h"
#include "cli/output/event_json.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/error.h"
#include "pixmill/pipeline/exporting.h"
#include "pixmill/pipeline/facts.h"

namespace pixmill::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::pair<std::string_view, ListFormat>, 3> kFormats = {
    {{"txt", ListFormat::text}, {"csv", ListFormat::csv}, {"json", ListFormat::json}}};

// Programs that take the clipboard's text on standard input, the first one that is there.
constexpr const char* kClipboards[] = {"wl-copy", "xclip -selection clipboard", "xsel --clipboard --input", "pbcopy"};

ListFormat format_named(std::string_view name) {
  const auto* found =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const auto& one) { return one.first == name; });
  return found == kFormats.end() ? ListFormat::text : found->second;
}

// --format, or what the name of the file says.
ListFormat format_of(const Values& values) {
  const std::string extension = fs::path(values.text("output")).extension().string();
  const bool asked = values.all().at("format").origin != Origin::fallback;
  return format_named(asked || extension.empty() ? values.text("format") : extension.substr(1));
}

bool on_path(std::string_view program) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    if (!folder.empty() && ::access((fs::path(folder) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::string clipboard_command() {
  for (const std::string_view command : kClipboards) {
    if (on_path(command.substr(0, command.find(' ')))) return std::string(command);
  }
  throw Error(ErrorCode::not_found, "--copy: no program that takes the clipboard was found",
              "install wl-clipboard, xclip or xsel; or -o FILE");
}

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

// As it is where it is gone meanwhile: whoever wants the files in it says so.
fs::path without_links(const fs::path& folder) {
  std::error_code error;
  const fs::path found = fs::canonical(folder, error);
  return error ? fs::absolute(folder) : found;
}

bool to_standard_output(const Values& values) {
  return values.text("output").empty() || values.text("output") == "-";
}

}  // namespace

Hits::Hits(const Invocation& invocation, const pipeline::JobSpec& spec)
    : invocation_(invocation), spec_(spec), format_(format_of(invocation.values)) {
  const Values& values = invocation.values;
  if (values.on("print0") && format_ != ListFormat::text)
    throw Error(ErrorCode::usage, "-0 is for paths alone, and the format is another one", "leave --format out");
  const auto& inputs = spec.inputs.inputs;
  if (std::find(inputs.begin(), inputs.end(), "-") != inputs.end())
    throw Error(ErrorCode::usage, "a picture on standard input has no name to list", "name files or folders");
  action_ = pipeline::transfer_action_from(values.text("to"));
  if (action_ && to_standard_output(values))
    throw Error(ErrorCode::usage, "--to " + values.text("to") + " needs a folder", "-o FOLDER");
  if (action_) pipeline::require_target({.action = *action_, .target = values.text("output")});
  if (!action_ && to_standard_output(values) && values.on("json"))
    throw Error(ErrorCode::usage, "--json and the list both want standard output", "write the list to a file: -o FILE");
  if (values.on("copy") && action_)
    throw Error(ErrorCode::usage, "--copy is for the list, and --to " + values.text("to") + " makes none",
                "leave one of them out");
  if (values.on("copy")) (void)clipboard_command();
}

HitList Hits::list_of(const pipeline::Picked& picked) const {
  const Values& values = invocation_.values;
  ListSettings settings{.rule = spec_.pick->rule->text(),
                        .confidence = static_cast<float>(values.real("confidence")),
                        .classes = spec_.pick->rule->classes(),
                        .model = spec_.model};
  if (spec_.pick->rule->needs_all()) settings.classes = pipeline::Facts(picked.catalogue()).classes();
  return {format_, values.on("print0") ? '\0' : '\n', std::move(settings)};
}

void Hits::operator()(const pipeline::Picked& picked) {
  if (::isatty(STDERR_FILENO) != 0) std::fputs(kEraseLine, stderr);  // the live line of the job
  if (action_) {
    transfer(picked, *action_);
  } else if (!spec_.dry_run) {
    write(picked);
  }
  if (spec_.dry_run) return;
  if (invocation_.values.on("copy")) copy_to_clipboard(picked);
}

void Hits::transfer(const pipeline::Picked& picked, pipeline::TransferAction action) {
  const Values& values = invocation_.values;
  pipeline::TransferSpec wanted{.action = action,
                                .files = {},
                                .roots = picked.roots(),
                                .target = values.text("output"),
                                .asked = command_line(invocation_, {"quiet", "verbose", "json", "dry-run"}),
                                .dry_run = spec_.dry_run,
                                .home = spec_.home};
  fs::path named, folder;  // of the picture before: many lie in one
  picked.each([&](const pipeline::Hit& hit) {
    if (folder.empty() || hit.path.parent_path() != named) {
      named = hit.path.parent_path();
      folder = without_links(named.empty() ? "." : named);
    }
    wanted.files.push_back({folder / hit.path.filename(), hit.relative, hit.look.stamp});
  });
  LiveLine live(!values.on("json") && !values.on("quiet"));
  const pipeline::Transferred done =
      pipeline::transfer(wanted, picked.catalogue(), watch_of(invocation_, live), interrupted());
  live.clear();
  say(done, action);
  all_good_ = done.failed.empty() && done.stopped_because.empty();
  stopped_ = done.interrupted;
}

void Hits::say(const pipeline::Transferred& done, pipeline::TransferAction action) const {
  const Values& values = invocation_.values;
  if (values.on("json")) return print(done, action);
  for (const pipeline::Failed& one : done.failed) complain(Error(one.code, one.message, one.hint));
  for (const std::string& warning : done.warnings) complain(Error(ErrorCode::usage, warning, ""));
  if (values.on("quiet")) return;
  std::string text = std::string(name_of(action)) + ": " + count_text(done.count.done, "picture") +
                     (spec_.dry_run ? " would go" : "") + " to " + done.target.string();
  if (done.count.there > 0) text += ", " + std::to_string(done.count.there) + " there already";
  if (!done.failed.empty()) text += ", " + std::to_string(done.failed.size()) + " failed";
  if (!done.stopped_because.empty()) text += "; stopped: " + done.stopped_because;
  if (!done.plan.empty()) text += "; pixmill undo takes it back (plan " + done.plan + ")";
  std::fprintf(stderr, "%s\n", printable(text).c_str());
}

void Hits::write(const pipeline::Picked& picked) const {
  const HitList list = list_of(picked);
  const Values& values = invocation_.values;
  if (to_standard_output(values)) {
    write_hits(list, picked, [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); });
    std::fflush(stdout);
    return;
  }
  const fs::path root = picked.roots().empty() ? fs::current_path() : fs::path(picked.roots().front());
  pipeline::write_job_file(picked.catalogue(), spec_.home,
                           {fs::weakly_canonical(root), values.text("output"), values.on("overwrite")},
                           [&](const exports::Sink& sink) { write_hits(list, picked, sink); });
}

void Hits::copy_to_clipboard(const pipeline::Picked& picked) const {
  const HitList list = list_of(picked);
  const std::string command = clipboard_command();
  std::FILE* pipe = ::popen(command.c_str(), "w");
  if (pipe != nullptr)
    write_hits(list, picked, [&](std::string_view text) { std::fwrite(text.data(), 1, text.size(), pipe); });
  if (pipe == nullptr || ::pclose(pipe) != 0)
    throw Error(ErrorCode::unwritable, "--copy: " + command + " failed", "is there a desktop session? or -o FILE");
}

}  // namespace pixmill::cli
