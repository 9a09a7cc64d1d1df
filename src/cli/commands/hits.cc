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
#include "cli/output/live_line.h"
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

bool to_standard_output(const Values& values) {
  return values.text("output").empty() || values.text("output") == "-";
}

}  // namespace

Hits::Hits(const Invocation& invocation, const pipeline::JobSpec& spec)
    : invocation_(invocation), spec_(spec), format_(format_of(invocation.values)) {
  const Values& values = invocation.values;
  if (values.on("print0") && format_ != ListFormat::text)
    throw Error(ErrorCode::usage, "-0 is for paths alone, and the format is another one", "leave --format out");
  if (to_standard_output(values) && values.on("json"))
    throw Error(ErrorCode::usage, "--json and the list both want standard output", "write the list to a file: -o FILE");
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
  if (spec_.dry_run) return;
  write(picked);
  if (invocation_.values.on("copy")) copy_to_clipboard(picked);
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
