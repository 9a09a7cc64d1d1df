#include "cli/commands/hits.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/commands/commands.h"
#include "cli/commands/job.h"
#include "cli/commands/list_output.h"
#include "cli/commands/transfers.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/error.h"
#include "pixmill/pipeline/facts.h"

namespace pixmill::cli {
namespace fs = std::filesystem;
namespace {

// Programs that take the clipboard's text on standard input, the first one that is there.
constexpr const char* kClipboards[] = {"wl-copy", "xclip -selection clipboard", "xsel --clipboard --input", "pbcopy"};

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

}  // namespace

Hits::Hits(const Invocation& invocation, const pipeline::JobSpec& spec)
    : invocation_(invocation), spec_(spec), format_(list_format_of(invocation.values)) {
  const Values& values = invocation.values;
  if (values.on("print0") && format_ != ListFormat::text)
    throw Error(ErrorCode::usage, "-0 is for paths alone, and the format is another one", "leave --format out");
  refuse_standard_input(spec);
  action_ = transfer_action_of(values);
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
  pipeline::TransferSpec wanted = transfer_spec(invocation_, spec_, action, picked.roots());
  FoldersWithoutLinks folders;
  picked.each([&](const pipeline::Hit& hit) {
    wanted.files.push_back({folders.file(hit.path), hit.relative, hit.look.stamp});
  });
  const pipeline::Transferred done = transfer_and_say(wanted, picked.catalogue(), invocation_);
  all_good_ = done.failed.empty() && done.stopped_because.empty();
  stopped_ = done.interrupted;
}

void Hits::write(const pipeline::Picked& picked) const {
  write_list(invocation_, spec_, picked.catalogue(), picked.roots(),
             [&, list = list_of(picked)](const std::function<void(std::string_view)>& sink) {
               write_hits(list, picked, sink);
             });
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
